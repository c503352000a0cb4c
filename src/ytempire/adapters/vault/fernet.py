"""Opens what the first ytempire sealed with Fernet: for import only, because Fernet binds a text to no owner."""

from cryptography.fernet import Fernet, InvalidToken

from ytempire.adapters.vault.errors import KeyMalformed, KeyWrong


def opened_fernet(text: str, key: str) -> str:
    """The text inside. Raises `KeyMalformed` or `KeyWrong`, without a word of either."""
    try:
        fernet = Fernet(key.strip().encode())
    except ValueError:
        remedy = "give the file with the 44 characters that `Fernet.generate_key` made"
        raise KeyMalformed(f"this is not a Fernet key; {remedy}") from None
    try:
        return fernet.decrypt(text.strip().encode()).decode()
    except (InvalidToken, UnicodeDecodeError):
        remedy = "give the key that the file was encrypted with"
        raise KeyWrong(f"the key does not open the file, or the file was changed; {remedy}") from None
