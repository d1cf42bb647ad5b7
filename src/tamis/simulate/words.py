"""Sentences in French and English about an invented country, varied enough to differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tamis.simulate.dice import Dice

PLACES = (
    "Mirecombe", "Valterne", "Ostrevaux", "Belcombe", "Lurgane", "Sancerolles", "Brévilane",
    "Corvenay", "Durmont-sur-Aube-Claire", "Tressanges-le-Bas", "Pont-Véril", "Aigremare",
    "Noirevelle", "Hautecorde", "Vernaloup", "Calvigne",
)  # fmt: skip
THINGS_FR = (
    "le budget de la tournée", "la salle du quai", "le plan des affiches", "la note sur les ponts",
    "le discours de clôture", "la liste des bénévoles", "le devis de l'imprimeur",
    "la fiche sur les cantines", "le calendrier des marchés", "la réponse aux pêcheurs",
    "le programme culturel", "la location des cars", "le compte rendu de la réunion",
    "la proposition sur les forêts", "le questionnaire des maires", "la sono du meeting",
    "le texte sur les bibliothèques", "la maquette du dépliant",
)  # fmt: skip
THINGS_EN = (
    "the tour budget", "the quayside hall", "the poster plan", "the note on bridges",
    "the closing speech", "the list of volunteers", "the printer's quote",
    "the sheet on school meals", "the market calendar", "the answer to the fishermen",
    "the culture programme", "the coach hire", "the minutes of the meeting",
    "the proposal on forests", "the mayors' questionnaire", "the sound system",
    "the text on libraries", "the draft of the leaflet",
)  # fmt: skip
_FR = (
    "Peux-tu relire {t} avant {d} ?",
    "J'ai revu {t} avec l'équipe de {p}, il reste deux points ouverts.",
    "À {p}, tout est prêt ; il nous manque encore {n} chaises.",
    "Je te propose d'en parler {d} à {h} h.",
    "Le montant passe de {n}0 à {m}0 couronnes, c'est encore raisonnable.",
    "Merci de confirmer {t} par retour.",
    "L'imprimeur de {p} demande un acompte avant {d}.",
    "Nous étions {m} hier soir à {p}, belle soirée malgré la pluie.",
    "Côté presse, rien de neuf sur {t}.",
    "Je joins {t}, version {n}.",
    "Attention, la gare de {p} ferme à {h} h.",
    "Les bénévoles préfèrent {p} pour le tractage.",
    "Il faudrait {n} exemplaires de plus, {m} si possible.",
    "On garde {t} comme prévu, sauf avis contraire {d}.",
)
_EN = (
    "Could you read {t} again before {d}?",
    "I went through {t} with the {p} team, two points are still open.",
    "Everything is ready in {p}; we still need {n} chairs.",
    "Let us talk about it {d} at {h}.",
    "The amount goes from {n}0 to {m}0 crowns, still reasonable.",
    "Please confirm {t} by return.",
    "The printer in {p} wants a deposit before {d}.",
    "We were {m} people in {p} last night, a good evening despite the rain.",
    "Nothing new from the press about {t}.",
    "Attached is {t}, version {n}.",
    "Mind that the station of {p} closes at {h}.",
    "The volunteers prefer {p} for the leaflets.",
    "We would need {n} more copies, {m} if possible.",
    "We keep {t} as planned, unless you object {d}.",
    "From {p} onwards the coach is full.",
)
_DAYS_FR = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "la fin de semaine")
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "the weekend")


def sentence(dice: Dice, language: str) -> str:
    """One sentence."""
    french = language == "fr"
    return dice.pick(_FR if french else _EN).format(
        t=dice.pick(THINGS_FR if french else THINGS_EN),
        p=dice.pick(PLACES),
        d=dice.pick(_DAYS_FR if french else _DAYS_EN),
        h=dice.between(8, 21),
        n=dice.between(2, 60),
        m=dice.between(61, 400),
    )


def paragraph(dice: Dice, language: str, sentences: int) -> str:
    """Some sentences in one line."""
    return " ".join(sentence(dice, language) for _ in range(sentences))


def subject(dice: Dice, language: str) -> str:
    """A subject line; French ones mostly hold letters outside ASCII."""
    thing = dice.pick(THINGS_FR if language == "fr" else THINGS_EN)
    place = dice.pick(PLACES)
    if language == "fr":
        return dice.pick(
            ("{t} — {p}", "Réunion à {p} : {t}", "À valider : {t}", "{p} : où en est {t} ?")
        ).format(t=thing, p=place)
    return dice.pick(("{t} - {p}", "Meeting in {p}: {t}", "To approve: {t}", "About {t}")).format(
        t=thing, p=place
    )


_CHAT = {
    "fr": (
        "Vu à {p} ce matin : {t} fait déjà parler.",
        "{p} sous le soleil ☀️, {n} personnes au marché 🧺.",
        "Quelqu'un a des nouvelles de {t} à {p} ?",
        "Le tram de {p} encore en retard de {n} minutes…",
        "Franchement, {t}, on n'en parle pas assez.",
        "{n} jours avant le vote et toujours rien sur {t}.",
        "Belle ambiance à {p} hier soir, merci à tous !",
        "À lire sur {t} : clair et sans bruit.",
        "Recette de {p} : tarte aux mirabelles, {n} minutes au four.",
        "Match nul à {p}, {n} tirs et aucun but.",
    ),
    "en": (
        "Seen in {p} this morning: people already talk about {t}.",
        "{p} in the sun ☀️, {n} people at the market 🧺.",
        "Any news about {t} in {p}?",
        "The {p} tram is {n} minutes late again…",
        "Honestly, {t} deserves more attention.",
        "{n} days before the vote and still nothing on {t}.",
        "Great evening in {p}, thanks everyone!",
        "Worth reading about {t}: clear and calm.",
        "Recipe from {p}: plum tart, {n} minutes in the oven.",
        "A draw in {p}, {n} shots and no goal.",
    ),
}
_LEAK = {
    "fr": (
        "{n} dossiers ouverts, {m} à lire. Que dit {t} ?",
        "Quelqu'un a vérifié {t} dans l'archive ? Prudence.",
        "L'archive parle de {p}, mais rien sur {t} pour l'instant.",
        "Page {n} : une facture pour {t}. C'est tout ?",
        "Tout le monde relaie, qui a lu ? {m} pages sur {t}.",
        "À {p} on ne parle que de cela ce soir.",
    ),
    "en": (
        "{n} folders opened, {m} to go. What about {t}?",
        "Has anybody checked {t} in the archive? Careful.",
        "The archive mentions {p}, nothing on {t} so far.",
        "Page {n}: an invoice for {t}. Is that all?",
        "Everyone shares it, who has read it? {m} pages on {t}.",
        "In {p} nobody talks about anything else tonight.",
    ),
}


def chat(dice: Dice, language: str, *, leak: bool = False) -> str:
    """What somebody writes on a social platform, about daily life or about the archive."""
    thing = dice.pick(THINGS_FR if language == "fr" else THINGS_EN)
    text = dice.pick((_LEAK if leak else _CHAT)[language])
    return text.format(t=thing, p=dice.pick(PLACES), n=dice.between(2, 60), m=dice.between(61, 400))
