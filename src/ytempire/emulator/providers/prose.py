"""Pieces of sentences in four languages that fit together in any choice, always about `{t}`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """A language's pieces: a sentence is an opening, a middle and an end, one of each.

    `names` are the words by which a prompt asks for the language.
    """

    names: tuple[str, ...]
    title: str
    hook: str
    farewell: str
    headings: tuple[str, ...]
    openings: tuple[str, ...]
    middles: tuple[str, ...]
    ends: tuple[str, ...]


ENGLISH = Prose(
    names=("english", "en"),
    title="Everything worth knowing about {t}",
    hook="Have you ever wondered what is really behind {t}? Today we take a calm look at it.",
    farewell="That was our look at {t}. Thank you for watching, and see you in the next video.",
    headings=("Where it begins", "What matters", "Common mistakes", "How to go on"),
    openings=(
        "Most people who start with {t}",
        "The best teachers we know",
        "All those who look closely at {t}",
        "Patient beginners",
        "The books that were written about {t}",
        "Our own tests over the last months",
        "Friends of {t} all over the world",
        "The numbers of the last few years",
    ),
    middles=(
        "show quite early on that",
        "often tell us in plain words that",
        "come to the same result, namely that",
        "make it clear after a few weeks that",
        "remind us again and again that",
        "can prove without much effort that",
        "agree on one thing at least, and it is that",
        "help us to understand why it is true that",
    ),
    ends=(
        "small steps count for more than big plans.",
        "the first mistake is usually the most useful one.",
        "good tools are worth the money only when you use them.",
        "ten minutes a day are better than one long weekend.",
        "there is more than one way to reach the goal.",
        "most of the work happens before anybody can see it.",
        "a simple list keeps you from losing the thread.",
        "what looks hard at first becomes easy with practice.",
    ),
)
GERMAN = Prose(
    names=("german", "deutsch", "auf deutsch", "de"),
    title="Alles Wissenswerte über {t}",
    hook="Hast du dich schon einmal gefragt, was wirklich hinter {t} steckt? Heute sehen wir es uns in Ruhe an.",
    farewell="Das war unser Blick auf {t}. Danke fürs Zuschauen, und bis zum nächsten Video.",
    headings=("Wo es anfängt", "Worauf es ankommt", "Häufige Fehler", "Wie es weitergeht"),
    openings=(
        "Viele Leute, die mit {t} anfangen,",
        "Die besten Lehrer, die wir kennen,",
        "Alle, die sich {t} genau ansehen,",
        "Geduldige Anfänger",
        "Die Bücher, die über {t} geschrieben wurden,",
        "Unsere eigenen Versuche der letzten Monate",
        "Die Freunde von {t} auf der ganzen Welt",
        "Die Zahlen aus den letzten Jahren",
    ),
    middles=(
        "zeigen schon recht früh, dass",
        "sagen uns oft mit einfachen Worten, dass",
        "kommen zu demselben Ergebnis, nämlich dass",
        "machen nach ein paar Wochen deutlich, dass",
        "erinnern uns immer wieder daran, dass",
        "beweisen ohne große Mühe, dass",
        "sind sich in einem Punkt einig, und zwar darin, dass",
        "helfen uns zu verstehen, warum es stimmt, dass",
    ),
    ends=(
        "kleine Schritte mehr zählen als große Pläne.",
        "der erste Fehler meistens der nützlichste ist.",
        "gutes Werkzeug sein Geld nur wert ist, wenn man es benutzt.",
        "zehn Minuten am Tag besser sind als ein langes Wochenende.",
        "es mehr als einen Weg zum Ziel gibt.",
        "die meiste Arbeit geschieht, bevor jemand sie sehen kann.",
        "eine einfache Liste hilft, den Faden nicht zu verlieren.",
        "mit etwas Übung leicht wird, was am Anfang schwer aussieht.",
    ),
)
SPANISH = Prose(
    names=("spanish", "español", "es"),
    title="Todo lo que hay que saber sobre {t}",
    hook="¿Te has preguntado alguna vez qué hay de verdad detrás de {t}? Hoy lo miramos con calma.",
    farewell="Esta fue nuestra mirada a {t}. Gracias por vernos, y hasta el próximo video.",
    headings=("Dónde empieza", "Lo que importa", "Errores comunes", "Cómo seguir"),
    openings=(
        "Muchas personas que empiezan con {t}",
        "Los mejores maestros que conocemos",
        "Todos los que miran de cerca {t}",
        "Los principiantes con paciencia",
        "Los libros que se han escrito sobre {t}",
        "Nuestras propias pruebas de los últimos meses",
        "Los amigos de {t} en todo el mundo",
        "Los números de los últimos años",
    ),
    middles=(
        "muestran desde muy pronto que",
        "nos dicen a menudo con palabras sencillas que",
        "llegan al mismo resultado, es decir, que",
        "dejan claro después de unas semanas que",
        "nos recuerdan una y otra vez que",
        "demuestran sin mucho esfuerzo que",
        "están de acuerdo por lo menos en que",
        "nos ayudan a entender por qué es cierto que",
    ),
    ends=(
        "los pasos pequeños cuentan más que los grandes planes.",
        "el primer error suele ser el más útil de todos.",
        "las buenas herramientas valen su precio solo cuando se usan.",
        "diez minutos al día son mejores que un largo fin de semana.",
        "hay más de un camino para llegar a la meta.",
        "la mayor parte del trabajo ocurre antes de que alguien la vea.",
        "una lista sencilla ayuda a no perder el hilo.",
        "lo que al principio parece difícil se vuelve fácil con la práctica.",
    ),
)
FRENCH = Prose(
    names=("french", "français", "fr"),
    title="Tout ce qu'il faut savoir sur {t}",
    hook="Vous êtes-vous déjà demandé ce qu'il y a derrière {t} ? Aujourd'hui, nous regardons cela avec calme.",
    farewell="C'était notre regard sur {t}. Merci de nous avoir suivis, et à la prochaine vidéo.",
    headings=("Où cela commence", "Ce qui compte", "Les erreurs fréquentes", "Comment continuer"),
    openings=(
        "Beaucoup de gens qui commencent avec {t}",
        "Les meilleurs maîtres que nous connaissons",
        "Tous ceux qui regardent {t} de près",
        "Les débutants qui ont de la patience",
        "Les livres qui ont été écrits sur {t}",
        "Nos propres essais des derniers mois",
        "Les amis de {t} dans le monde entier",
        "Les chiffres des dernières années",
    ),
    middles=(
        "montrent assez tôt que",
        "nous disent souvent avec des mots simples que",
        "arrivent au même résultat, à savoir que",
        "font comprendre après quelques semaines que",
        "nous rappellent encore et encore que",
        "prouvent sans beaucoup d'efforts que",
        "sont au moins d'accord pour dire que",
        "nous aident à comprendre pourquoi il est vrai que",
    ),
    ends=(
        "les petits pas comptent plus que les grands projets.",
        "la première erreur est le plus souvent la plus utile.",
        "les bons outils ne valent leur prix que si on les utilise.",
        "dix minutes par jour valent mieux qu'un long week-end.",
        "il y a plus d'un chemin pour arriver au but.",
        "la plus grande partie du travail se fait avant que quelqu'un la voie.",
        "une simple liste aide à ne pas perdre le fil.",
        "ce qui semble difficile au début devient facile avec la pratique.",
    ),
)
LANGUAGES = (ENGLISH, GERMAN, SPANISH, FRENCH)
