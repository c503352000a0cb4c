"""The configuration: a TOML file under environment variables, checked whole, as one frozen value.

Every key may also come from the environment as `YTEMPIRE_SECTION__KEY` (list items by number:
`YTEMPIRE_ACCOUNTS__0__PROJECT`). A key nobody knows is refused, with the one that was probably meant.
"""

from ytempire.settings.checking import BadSettings
from ytempire.settings.sections import Settings
from ytempire.settings.sources import FILE_NAME, check, config_file, home_folder, load

__all__ = ["FILE_NAME", "BadSettings", "Settings", "check", "config_file", "home_folder", "load"]
