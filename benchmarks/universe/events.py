"""Touchpoints of people on their own, their family's and public devices, some of them logged in."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from benchmarks.universe import noise
from benchmarks.universe.draws import digits, distinct_codes, each, ids, pick, present, stream, strings, zipf
from benchmarks.universe.era import WINDOW
from benchmarks.universe.population import Universe

KINDS = (
    "page_view",
    "product_view",
    "search",
    "add_to_cart",
    "checkout",
    "purchase",
    "email_open",
    "email_click",
)
MIX = np.array([0.40, 0.22, 0.10, 0.09, 0.04, 0.035, 0.075, 0.04])
CHANNELS = ("web", "app", "email", "store")
CAMPAIGNS = (
    "spring-sale",
    "summer-sale",
    "black-friday",
    "welcome",
    "newsletter-weekly",
    "win-back",
    "brand-search",
    "social-video",
)
LOGGED_IN = 0.08
"""Share of events that carry a login: most browsing is anonymous."""
TABLET = 0.4
"""Share of homes with one tablet for everybody; three in ten of their sessions happen on it."""
KIOSK = 0.01
"""Share of sessions on a shop's kiosk, which hundreds of strangers use."""
STRANGER = 0.02
"""Share of kiosk and tablet logins left open by the one before."""


@dataclass(frozen=True)
class Sessions:
    """One row per visit: who, on which device, when, how many events."""

    person: NDArray[np.int64]
    device: NDArray[np.int64]
    start: NDArray[np.datetime64]
    length: NDArray[np.int64]


def _sessions(universe: Universe, per_person: float, rng: np.random.Generator) -> Sessions:
    """Visits of those who are online; activity is very uneven between people."""
    people, home = len(universe.people), universe.homes.of
    adult = universe.people.birth < np.datetime64("2010-01-01")
    eagerness = rng.gamma(0.6, 1 / 0.6, people) * (rng.random(people) < 0.7) * adult
    person = np.repeat(np.arange(people), rng.poisson(eagerness * per_person / 4 / 0.7))
    count = len(person)
    own = person * 3 + pick(rng, np.array([0.6, 0.3, 0.1]), count)
    has_tablet = rng.random(len(universe.homes)) < TABLET
    on_tablet = has_tablet[home[person]] & (rng.random(count) < 0.3)
    kiosks = max(people // 2000, 1)
    device = np.where(on_tablet, people * 3 + home[person], own)
    at_kiosk = rng.random(count) < KIOSK
    device = np.where(at_kiosk, people * 3 + len(universe.homes) + rng.integers(0, kiosks, count), device)
    span = int((WINDOW[1] - np.datetime64("2024-01-01")).astype(int)) * 86_400
    start = np.datetime64("2024-01-01", "s") + rng.integers(0, span, count).astype("timedelta64[s]")
    return Sessions(person, device, start, rng.geometric(0.25, count))


def _logins(universe: Universe, visits: Sessions, rng: np.random.Generator) -> NDArray[np.object_]:
    """The e-mail each visit is logged in with (None: not at all); sometimes the one before is still logged in."""
    count = len(visits.person)
    email = universe.contacts.email[visits.person]
    email = np.where(rng.random(count) < LOGGED_IN * 2.4, email, None)
    before = np.lexsort((visits.start, visits.device))
    same = np.zeros(count, dtype=bool)
    same[before[1:]] = visits.device[before[1:]] == visits.device[before[:-1]]
    earlier = np.full(count, None, dtype=object)
    earlier[before[1:]] = email[before[:-1]]
    left_open = same & present(earlier) & (rng.random(count) < STRANGER)
    return noise.damage(np.where(left_open, earlier, email), 0.004, noise.misspell_mail, rng)


def build_events(universe: Universe, per_person: float) -> tuple[pa.Table, pa.Table]:
    """The events in order of time, and who really caused each."""
    rng = stream(universe.seed, "events")
    visits = _sessions(universe, per_person, rng)
    login = _logins(universe, visits, rng)
    visit = np.repeat(np.arange(len(visits.person)), visits.length)
    count = len(visit)
    within = np.arange(count) - np.searchsorted(visit, visit)
    at = visits.start[visit] + (within * 40 + rng.integers(0, 40, count)).astype("timedelta64[s]")
    order = np.argsort(at, kind="stable")
    visit, within, at = visit[order], within[order], at[order]
    kind = strings(KINDS)[pick(rng, MIX, count)]
    mail = np.char.startswith(kind.astype(str), "email")
    channel = strings(CHANNELS)[rng.choice([0, 0, 0, 1], len(visits.person))][visit]
    kiosk = visits.device >= len(universe.people) * 3 + len(universe.homes)
    channel = np.where(mail, "email", np.where(kiosk[visit], "store", channel))
    campaign = strings(CAMPAIGNS)[pick(rng, zipf(len(CAMPAIGNS), 0.6), len(visits.person))]
    lead = (rng.random(len(visits.person)) < 0.3)[visit] & (within == 0)
    revenue = np.where(kind == "purchase", np.round(rng.lognormal(3.6, 0.8, count), 2), np.nan)
    signed = np.where((within > 0) & (rng.random(count) < 0.6) | (kind == "purchase"), login[visit], None)
    event_id = each(lambda code: "e" + code, digits(distinct_codes(rng, count, 10**12), 12))
    events = {
        "event_id": event_id,
        "ts": at.astype("datetime64[ms]"),
        "device_id": ids("d", visits.device[visit] * 7919 % 999_999_937),
        "channel": channel,
        "event": kind,
        "campaign": np.where(lead | mail, campaign[visit], None),
        "login_email": signed,
    }
    table = pa.table({name: pa.array(column) for name, column in events.items()})
    table = table.append_column("revenue", pa.array(revenue, pa.float64(), from_pandas=True))
    return table, pa.table(
        {"event_id": pa.array(event_id), "person_id": pa.array(ids("p", visits.person[visit]))}
    )
