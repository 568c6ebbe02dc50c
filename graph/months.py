"""Month names of common languages."""

from graph.text import fold

_NAMES = (
    "jan january januar janvier enero ene gennaio gen januari janeiro styczen stycznia leden ledna januaris "
    "yanvar yanvarya ocak tammikuu jaenner janner",
    "feb february februar fevrier fev febrero febbraio februari fevereiro luty lutego unor unora fevral "
    "fevralya subat helmikuu feber fevr",
    "mar march marz maerz mars marzo mrz maart marco marec marca marzec brezen brezna mart marta maaliskuu "
    "mrt",
    "apr april avril avr abril abr aprile kwiecien kwietnia duben dubna aprel aprelya nisan huhtikuu",
    "may mai mayo maggio mag mei maio maj maja kveten kvetna maya mayis toukokuu",
    "jun june juni juin junio giugno giu junho czerwiec czerwca cerven cervna iyun iyunya haziran kesakuu",
    "jul july juli juillet juil julio luglio lug julho lipiec lipca cervenec cervence iyul iyulya temmuz "
    "heinakuu",
    "aug august aout agosto ago augustus augusti sierpien sierpnia srpen srpna avgust avgusta agustos elokuu",
    "sep sept september septembre septiembre settembre set setembro wrzesien wrzesnia zari sentyabr "
    "sentyabrya eylul syyskuu",
    "oct october oktober okt octobre octubre ottobre ott outubro out pazdziernik pazdziernika rijen rijna "
    "oktyabr oktyabrya ekim lokakuu",
    "nov november novembre noviembre novembro listopad listopada listopadu noyabr noyabrya kasim marraskuu",
    "dec december dezember dez decembre diciembre dic dicembre desember dezembro grudzien grudnia prosinec "
    "prosince dekabr dekabrya aralik joulukuu des",
)
_NUMBERS = {name: number for number, names in enumerate(_NAMES, start=1) for name in names.split()}


def month_number(word: str) -> int:
    """1 to 12 for a month's name or short form in any of the languages, 0 for another word."""
    return _NUMBERS.get(fold(word), 0)
