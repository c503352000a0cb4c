"""Reports about quota over a house for looking: prices, limits and the usual video from the settings."""

from ytempire.bootstrap import rules
from ytempire.bootstrap.house import Reading
from ytempire.domain.whatif import extras
from ytempire.services.quota_report import QuotaReports


def quota_reports(house: Reading) -> QuotaReports:
    """Answers about quota."""
    settings = house.settings
    limits = {each.id: each.limits for each in rules.project_rules(settings)}
    usual = settings.quota.usual_extras
    return QuotaReports(
        house.store, house.clock, rules.profiles(settings), limits, extras(usual), usual or "none"
    )
