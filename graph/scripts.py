"""Names in scripts other than Latin: recognised and romanised part by part."""

import re

from anyascii import anyascii

_NATIVE = re.compile(
    "[\u0370-\u03ff\u0400-\u052f\u0530-\u058f\u0590-\u05ff\u0600-\u06ff\u0750-\u077f\u0900-\u0dff\u0e00-\u0eff"
    "\u10a0-\u10ff\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_HAN = re.compile("[\u3400-\u9fff\u3005]+")
_HANGUL = re.compile("[\uac00-\ud7af]+")
_FAMILY_FIRST = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_DOUBLE_SURNAMES = frozenset(
    "欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 皇甫 尉迟 尉遲 公孙 公孫 令狐 慕容 司徒 夏侯 端木 东方 東方 独孤 南宫 南宮 "
    "남궁 황보 제갈 선우 독고 사공".split()
)
_HANGUL_SURNAMES = {
    "김": "Kim", "이": "Lee", "박": "Park", "최": "Choi", "정": "Jung", "강": "Kang", "조": "Cho", "윤": "Yoon",
    "장": "Jang", "임": "Lim", "오": "Oh", "신": "Shin", "서": "Seo", "권": "Kwon", "황": "Hwang", "안": "Ahn",
    "송": "Song", "유": "Yoo", "전": "Jeon", "홍": "Hong", "고": "Ko", "문": "Moon", "손": "Son", "배": "Bae",
    "백": "Baek", "허": "Heo", "노": "Noh", "남": "Nam", "심": "Shim", "하": "Ha", "곽": "Kwak", "우": "Woo",
}  # fmt: skip
_PATRONYMIC = re.compile(r".{2,}(?:ovich|evich|yevich|ovna|evna|yevna|ichna)", re.IGNORECASE)


def is_native(text: str) -> bool:
    """Whether a name has letters of a script other than Latin."""
    return not text.isascii() and _NATIVE.search(text) is not None


def romanise(full: str) -> tuple[str, str, str]:
    """Given, middle and surname in Latin letters.

    Chinese, Japanese and Korean names come family first, others given first; a Slavic name that ends
    in its patronymic comes family first too.
    """
    if _FAMILY_FIRST.search(full):
        return _family_first(full)
    head, comma, tail = full.partition(",")
    words = [show_word(word) for word in ((f"{tail} {head}") if comma else full).split()]
    if len(words) == 3 and _PATRONYMIC.fullmatch(words[2]):
        words = [words[1], words[2], words[0]]
    if len(words) < 2:
        return " ".join(words), "", ""
    return words[0], " ".join(words[1:-1]), words[-1]


def romanised(text: str) -> str:
    """One name part in Latin letters, words kept apart."""
    return " ".join(show_word(word) for word in text.split())


def show_word(word: str) -> str:
    """One word in Latin letters, one capital at its start: 小明 → Xiaoming."""
    latin = re.sub(r"[^A-Za-z'-]", "", anyascii(word))
    return latin[:1].upper() + latin[1:].lower()


def _family_first(full: str) -> tuple[str, str, str]:
    if "·" in full or "・" in full:
        words = re.split("[·・]", full)
        return show_word(words[0]), romanised(" ".join(words[1:-1])), show_word(words[-1])
    words = full.split()
    if len(words) >= 2:
        return romanised("".join(words[1:])), "", _surname(words[0])
    size = _surname_size(full)
    return show_word(full[size:]), "", _surname(full[:size])


def _surname(text: str) -> str:
    return _HANGUL_SURNAMES.get(text) or show_word(text)


def _surname_size(name: str) -> int:
    if len(name) >= 3 and name[:2] in _DOUBLE_SURNAMES:
        return 2
    if len(name) >= 4 and (_HAN.fullmatch(name) or not _HANGUL.fullmatch(name)):
        return 2
    return min(1, len(name) - 1)
