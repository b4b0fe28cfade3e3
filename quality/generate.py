"""Texts with values of every kind, made the same each time.

The values are valid by their own rules and nobody's: made at random from a fixed seed.
"""

import json
import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent
PER_ENTITY = 300


def luhn(digits):
    """The digits with a right check digit behind them."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def digits(rng, count):
    return "".join(rng.choice("0123456789") for _ in range(count))


def card(rng):
    prefix, length = rng.choice(
        [("4", 16), ("4", 13), ("4", 19), ("51", 16), ("55", 16), ("2221", 16), ("34", 15), ("37", 15),
         ("6011", 16), ("65", 16), ("3528", 16), ("36", 14), ("62", 16), ("62", 19), ("5018", 12), ("6304", 16)]
    )
    number = luhn(prefix + digits(rng, length - len(prefix) - 1))
    style = rng.random()
    if style < 0.5:
        return number
    separator = rng.choice([" ", "-"])
    if length == 15:
        groups = [number[:4], number[4:10], number[10:]]
    elif length == 14:
        groups = [number[:4], number[4:10], number[10:]]
    else:
        groups = [number[at:at + 4] for at in range(0, length, 4)]
    return separator.join(groups)


def iban(rng):
    country, length = rng.choice(
        [("DE", 22), ("FR", 27), ("GB", 22), ("ES", 24), ("IT", 27), ("NL", 18), ("CH", 21), ("AT", 20), ("BE", 16), ("PL", 28)]
    )
    body = {
        "GB": lambda: "".join(rng.choice("ABCDEFGHJKLMNPRSTUWXYZ") for _ in range(4)) + digits(rng, 14),
        "NL": lambda: "".join(rng.choice("ABNIGKR") for _ in range(4)) + digits(rng, 10),
        "IT": lambda: rng.choice("ABCDEFGHJK") + digits(rng, 22),
    }.get(country, lambda: digits(rng, length - 4))()
    numbers = "".join(str(int(c, 36)) for c in body + country + "00")
    check = 98 - int(numbers) % 97
    whole = f"{country}{check:02d}{body}"
    if rng.random() < 0.5:
        return whole
    return " ".join(whole[at:at + 4] for at in range(0, len(whole), 4))


def ssn(rng):
    area = rng.choice([n for n in range(1, 900) if n != 666])
    number = (f"{area:03d}", f"{rng.randint(1, 99):02d}", f"{rng.randint(1, 9999):04d}")
    return rng.choice(["-", " "]).join(number)


def email(rng):
    names = ["jane.doe", "max_m", "o.brien+news", "info", "a.b-c", "müller", "x1", "Anna.Schmidt"]
    hosts = ["example.com", "mail.example.org", "firma.de", "sub.uni-test.ac.uk", "exämple.net", "shop.example.museum"]
    return f"{rng.choice(names)}{rng.randint(1, 999)}@{rng.choice(hosts)}"


def ip(rng):
    if rng.random() < 0.6:
        return ".".join(str(rng.randint(1, 254)) for _ in range(4))
    parts = [f"{rng.randint(1, 65535):x}" for _ in range(8)]
    if rng.random() < 0.5:
        return ":".join(parts)
    return ":".join(parts[:3]) + "::" + ":".join(parts[6:])


def phone(rng):
    d = lambda count: digits(rng, count)
    area = f"{rng.randint(2, 9)}{rng.randint(0, 8)}{rng.randint(0, 9)}"
    exchange = f"{rng.randint(2, 9)}{d(2)}"
    forms = [
        lambda: f"({area}) {exchange}-{d(4)}",
        lambda: f"{area}-{exchange}-{d(4)}",
        lambda: f"{area}.{exchange}.{d(4)}",
        lambda: f"+1 {area} {exchange} {d(4)}",
        lambda: f"+1-{area}-{exchange}-{d(4)}",
        lambda: f"1-{area}-{exchange}-{d(4)} x{d(3)}",
        lambda: f"+44 20 {rng.randint(3, 8)}{d(3)} {d(4)}",
        lambda: f"+44 7{d(3)} {d(6)}",
        lambda: f"07{rng.randint(3, 9)}{d(2)} {d(6)}",
        lambda: f"+49 30 {rng.randint(1, 9)}{d(6)}",
        lambda: f"+49 (0)89 {rng.randint(1, 9)}{d(5)}-{d(2)}",
        lambda: f"0{rng.choice(['30', '40', '89', '221'])}/{rng.randint(1, 9)}{d(6)}",
        lambda: f"+33 {rng.randint(1, 7)} {d(2)} {d(2)} {d(2)} {d(2)}",
        lambda: f"0{rng.randint(1, 7)} {d(2)} {d(2)} {d(2)} {d(2)}",
        lambda: f"+34 6{d(2)} {d(3)} {d(3)}",
        lambda: f"+39 02 {rng.randint(1, 9)}{d(7)}",
        lambda: f"+31 20 {rng.randint(1, 9)}{d(2)} {d(4)}",
        lambda: f"+46 8 {rng.randint(1, 9)}{d(2)} {d(3)} {d(2)}",
    ]
    return rng.choice(forms)()


def url(rng):
    scheme = rng.choice(["https://", "http://", "https://www.", "www."])
    path = rng.choice(["", "/", "/a/b?c=d&e=1", "/docs/page.html#top"])
    return f"{scheme}example{rng.randint(1, 99)}.{rng.choice(['com', 'org', 'de', 'co.uk'])}{path}"


def date(rng):
    year, month, day = rng.randint(1940, 2025), rng.randint(1, 12), rng.randint(1, 28)
    name = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"][month - 1]
    return rng.choice(
        [f"{month}/{day}/{year}", f"{year}-{month:02d}-{day:02d}", f"{day:02d}.{month:02d}.{year}",
         f"{name} {day}, {year}", f"{day} {name} {year}", f"{year}-{month:02d}-{day:02d} {rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}:07"]
    )


ENTITIES = {
    "credit_card": (card, ["Please charge my card {} today.", "card number: {}", "Card {} was declined at the till,", "{\"card\": \"{}\"}"]),
    "iban_code": (iban, ["Send it to {} by Friday.", "IBAN: {}", "my account is {}, thanks", "iban={};"]),
    "ssn": (ssn, ["My SSN is {}.", "social security number {} on file", "{\"ssn\": \"{}\"}", "He wrote down {} for the form."]),
    "email_address": (email, ["Write to {} for details.", "contact: {}", "<{}>", "From {} to all"]),
    "ip_address": (ip, ["The server at {} is down.", "client {} GET /index.html", "ping {}", "{\"host\": \"{}\"}"]),
    "phone_number": (phone, ["Call me at {} after five.", "Tel. {}", "phone: {}", "My number is {}, ask for Ann."]),
    "url": (url, ["See {} for more.", "link: {}", "It is at {} now", "({})"]),
    "date_time": (date, ["I was born on {}.", "dob: {}", "The contract of {} ends.", "{\"date\": \"{}\"}"]),
}
AROUND = [
    "Hello, I need help with something. {} Thanks a lot!",
    "{}",
    "| 17 | open | {} | EUR 20.00 |",
    "2025-03-01T10:00:00Z INFO request done: {}",
]


def pii():
    """Rows of a text and where what stands in it."""
    rng = random.Random(20251101)
    rows = []
    for entity, (make, frames) in sorted(ENTITIES.items()):
        for _ in range(PER_ENTITY):
            value = make(rng)
            before, after = rng.choice(frames).split("{}", 1)
            outer_before, outer_after = rng.choice(AROUND).split("{}", 1)
            start = len(outer_before + before)
            text = outer_before + before + value + after + outer_after
            spans = {entity: [(start, start + len(value))]}
            if "T10:00:00Z" in outer_before:
                spans.setdefault("date_time", []).insert(0, (0, 20))
            rows.append({"text": text, "spans": spans})
    return rows


def benign():
    """Texts with nothing to find, by kind."""
    sets = {}
    for path in sorted((HERE / "benign").glob("*.jsonl")):
        sets[path.stem] = [json.loads(line)["text"] for line in path.read_text().splitlines()]
    return sets
