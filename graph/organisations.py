"""Tells organisations from people and reduces a company's name to what is its own."""

from functools import lru_cache

from graph.text import fold

_LEGAL_FORMS = frozenset(
    """
    ab ag aps as asa ba bhd bt bv bvba cc co company corp corporation cv doo dd eood ev eg gbr gesmbh ggmbh gmbh
    gp inc incorporated jsc kft kg kgaa kk kft lda limited llc llp lp ltd ltda limitada mbh nv ohg ojsc ood ooo oy
    oyj pao plc pllc pt pte pty pvt sa sac sarl sas sasu sau scs sca se senc sl slu snc sp spa srl sro ug ulc uab
    vof zao zrt zoo
    """.split()
)
_SPELLED_OUT = (
    ("sp z o o", "spzoo"), ("spolka z o o", "spzoo"), ("s a r l", "sarl"), ("s r l", "srl"), ("s r o", "sro"),
    ("s p a", "spa"), ("s a s", "sas"), ("s a", "sa"), ("s l", "sl"), ("b v", "bv"), ("n v", "nv"), ("a g", "ag"),
    ("a s", "as"), ("d o o", "doo"), ("e v", "ev"), ("e k", "ek"), ("g m b h", "gmbh"), ("l l c", "llc"),
    ("l l p", "llp"), ("p l c", "plc"), ("k k", "kk"), ("sdn bhd", "sdnbhd"), ("de c v", "decv"),
)  # fmt: skip
_FORMS = _LEGAL_FORMS | {"spzoo", "sdnbhd", "decv", "ek"}
_CERTAIN_FORMS = _FORMS - {"ab", "ag", "as", "ba", "co", "se", "sa", "sl", "pt", "sp", "eg", "ev", "bt", "cc", "gp",
                           "dd", "oy", "as", "kk", "cv", "nv", "lp", "spa", "ek", "sas", "sac", "sau", "zoo"}  # fmt: skip
_TRADES = frozenset(
    """
    academy agency airlines association associates authority bakery bank bar brewery bureau cafe cathedral center
    centre charity chemicals church clinic club college committee communications computing congregation
    construction consultants consulting cooperative council dealership department design dental development
    diner distribution electronics energy engineering enterprise enterprises export federation finance financial
    foundation foods fund garage group hardware hospital hotel import industries institute insurance
    international investments kitchen laboratories labs library logistics management manufacturing market
    marketing media ministry motors municipality museum network office organisation organization packaging
    partners partnership pharma pharmaceuticals pharmacy plumbing press properties realty restaurant retail
    school services shipping society software solutions stiftung studio studios supermarket supplies systems
    technologies technology telecom theatre trading transport trust union university ventures verein verlag
    wholesale works workshop autowerkz werke werkstatt
    """.split()
)


@lru_cache(maxsize=1 << 16)
def looks_like_organisation(text: str) -> bool:
    """Whether a name reads like an organisation's: a legal form at its end or a trade among its words."""
    words = _words(text)
    if len(words) < 2:
        return False
    if words[-1] in _CERTAIN_FORMS or (words[-1] in _FORMS and _is_shouted(text.split()[-1])):
        return True
    return any(word in _TRADES for word in words[1:]) or words[0] in _TRADES - {"bar", "press", "bank"}


@lru_cache(maxsize=1 << 16)
def organisation_root(name: str) -> str:
    """The folded name without legal forms: `Onefold Holding GmbH & Co. KG` → `onefold holding`."""
    words = [word for word in _words(name) if word not in ("and", "the")]
    kept = list(words)
    while len(kept) > 1 and kept[-1] in _FORMS:
        kept.pop()
    return " ".join(kept or words)


def _words(text: str) -> list[str]:
    folded = f" {fold(text.replace('&', ' and '))} "
    for spelled, form in _SPELLED_OUT:
        folded = folded.replace(f" {spelled} ", f" {form} ")
    return folded.split()


def _is_shouted(word: str) -> bool:
    """Written like a legal form (AG, S.A.), not like a name (Ag, Sa)."""
    return word.isupper() or "." in word[:-1]
