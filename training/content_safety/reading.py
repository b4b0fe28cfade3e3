"""How the model reads a text: the same steps as `content_safety/reading.rs`, to the bit.

A text is a sequence of words in sentences. A word is folded: lower case, no accents, no
invisible characters, lookalikes and digits used as letters undone, stretched letters
shortened, letters spelled out one by one joined. Scripts written without spaces are read
in pairs of characters.
"""

import unicodedata

WORD_BYTES_MAX = 32
SENTENCE_WORDS_MAX = 32
KEPT_DOUBLE = set("lsgoefzr")
LEET = str.maketrans("01345789", "oieastbg")
MARKS = {"@": "a", "$": "s", "!": "i", "*": "*"}
CYRILLIC = str.maketrans("авеіјкмнорстухуԁһѕԛԝ", "abeijkmhopctyxydhsqw")
GREEK = str.maketrans("αβεικνορτυχωγηϲ", "abeiknoptuxwyhc")
LETTER, DIGIT, MARK, SKIP, QUOTE, PAIR, END, GAP = range(8)


def latin_base():
    """Letters of Latin blocks without their marks; written into the model for Rust."""
    table = {}
    special = {"ß": "s", "æ": "a", "œ": "o", "ø": "o", "đ": "d", "ł": "l", "ı": "i", "ð": "d", "þ": "t", "ħ": "h", "ŋ": "n", "ſ": "s", "ĸ": "k", "ŧ": "t"}
    for code in list(range(0xC0, 0x250)) + list(range(0x1E00, 0x1F00)):
        c = chr(code)
        if c in "×÷":
            continue
        low = c.lower()[0]
        base = special.get(low) or unicodedata.normalize("NFD", low)[0]
        table[code] = base if base.isascii() and base.isalpha() else "?"
    return table


LATIN = latin_base()


def classify(c):
    """What a character is, and what is kept of it."""
    code = ord(c)
    if code < 0x80:
        if "a" <= c <= "z":
            return LETTER, c
        if "A" <= c <= "Z":
            return LETTER, chr(code + 32)
        if "0" <= c <= "9":
            return DIGIT, c
        if c in MARKS:
            return MARK, c
        if c == "'":
            return QUOTE, c
        if c == "\n":
            return END, c
        return GAP, c
    if code in (0x2018, 0x2019, 0x02BC):
        return QUOTE, "'"
    if code == 0xAD or 0x200B <= code <= 0x200F or 0x202A <= code <= 0x202E or 0x2060 <= code <= 0x2069 or code == 0xFEFF \
            or 0xFE00 <= code <= 0xFE0F or 0x300 <= code <= 0x36F or 0xE0000 <= code <= 0xE01EF or 0x64B <= code <= 0x652 or code == 0x640:
        return SKIP, c
    if code < 0xC0 or code in (0xD7, 0xF7):
        return GAP, c
    if code in LATIN:
        return (LETTER, LATIN[code]) if LATIN[code] != "?" else (GAP, c)
    if 0x391 <= code <= 0x3A9:
        return LETTER, chr(code + 32)
    if code in (0x3AC, 0x3AD, 0x3AE, 0x3AF, 0x3CC, 0x3CD, 0x3CE):
        return LETTER, {0x3AC: "α", 0x3AD: "ε", 0x3AE: "η", 0x3AF: "ι", 0x3CC: "ο", 0x3CD: "υ", 0x3CE: "ω"}[code]
    if 0x410 <= code <= 0x42F:
        return LETTER, chr(code + 32)
    if 0x400 <= code <= 0x40F:
        return LETTER, chr(code + 80)
    if code == 0x451:
        return LETTER, "е"
    if code in (0xFF01, 0xFF1F):
        return END, c
    if 0xFF02 <= code <= 0xFF5E:
        return classify(chr(code - 0xFEE0))
    if 0x24B6 <= code <= 0x24E9:
        return LETTER, chr(97 + (code - 0x24B6) % 26)
    if 0x1D400 <= code <= 0x1D6A3:
        return LETTER, chr(97 + (code - 0x1D400) % 26)
    if 0x1D7CE <= code <= 0x1D7FF:
        return DIGIT, chr(48 + (code - 0x1D7CE) % 10)
    if 0x1F130 <= code <= 0x1F149 or 0x1F150 <= code <= 0x1F169 or 0x1F170 <= code <= 0x1F189:
        return LETTER, chr(97 + (code - 0x1F130) % 32)
    if 0x1F1E6 <= code <= 0x1F1FF:
        return LETTER, chr(97 + code - 0x1F1E6)
    if code in (0x3002, 0x964, 0x61F, 0x6D4):
        return END, c
    if 0x3041 <= code <= 0x30FA or code == 0x30FC or 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF:
        return PAIR, c
    if code < 0x250 or 0x2000 <= code <= 0x2BFF or 0x3000 <= code <= 0x303F or 0xFE10 <= code <= 0xFE6F or 0xFF00 <= code <= 0xFF65 \
            or 0x1F000 <= code <= 0x1FAFF or 0xE000 <= code <= 0xF8FF or code in (0x60C, 0x61B, 0xFFFD):
        return GAP, c
    return LETTER, c


def finish(chars):
    """A word from what was collected; None when nothing is left. Also whether it ended a sentence."""
    ended = False
    while chars and chars[-1] in MARKS:
        ended |= chars[-1] == "!"
        chars = chars[:-1]
    if not chars:
        return None, ended
    letters = sum(1 for c in chars if not ("0" <= c <= "9") and c not in MARKS)
    digits = sum(1 for c in chars if "0" <= c <= "9")
    if letters == 0:
        return (chars if len(chars) <= 2 else "000"), ended
    leading = len(chars) - len(chars.lstrip("0123456789"))
    if digits and leading < 2 and digits <= letters:
        chars = chars.translate(LEET)
    chars = chars.replace("@", "a").replace("$", "s").replace("!", "i")
    if any("a" <= c <= "z" for c in chars) and any(0x370 <= ord(c) < 0x530 for c in chars):
        chars = chars.translate(CYRILLIC).translate(GREEK)
    out, run, before = [], 0, None
    for c in chars:
        run = run + 1 if c == before else 1
        before = c
        if run <= 2:
            out.append(c)
        elif run == 3 and c not in KEPT_DOUBLE:
            out.pop()
    word, size = "", 0
    for c in out:
        size += len(c.encode())
        if size > WORD_BYTES_MAX:
            break
        word += c
    return word, ended


def sentences(text):
    """The text as lists of words."""
    result, sentence = [], []
    chars, pair = "", None
    spelled, spelled_at = [], 0

    def close():
        if sentence:
            result.append(list(sentence))
            sentence.clear()

    def push(word):
        sentence.append(word)
        if len(sentence) >= SENTENCE_WORDS_MAX:
            close()

    def end_spelled():
        if len(spelled) >= 3:
            push("".join(spelled))
        else:
            for letter in spelled:
                push(letter)
        spelled.clear()

    def end_word(position):
        """Whether an exclamation mark ended the word."""
        nonlocal chars, spelled_at
        if not chars:
            return False
        word, ended = finish(chars)
        chars = ""
        if word is None:
            return ended
        if len(word) == 1 and "a" <= word <= "z":
            if position - spelled_at > 2 or len(spelled) >= WORD_BYTES_MAX:
                end_spelled()
            spelled.append(word)
            spelled_at = position
        else:
            end_spelled()
            push(word)
        return ended

    point = False
    for position, c in enumerate(text):
        kind, kept = classify(c)
        if point and c in " \t\r\n":
            end_spelled()
            close()
        point = False
        if kind == SKIP:
            continue
        if kind == PAIR:
            end_word(position)
            end_spelled()
            if pair is not None:
                push(pair[0] + kept)
            pair = (kept, pair is not None)
            continue
        if pair is not None:
            if not pair[1]:
                push(pair[0])
            pair = None
        if kind in (LETTER, DIGIT) or kind == MARK and chars:
            if len(chars) < 2 * WORD_BYTES_MAX:
                chars += kept
        elif kind == QUOTE and chars:
            pass
        else:
            ended = end_word(position)
            if ended or kind == END:
                end_spelled()
                close()
            point = c in ".?"
    end_word(len(text))
    end_spelled()
    if pair is not None and not pair[1]:
        push(pair[0])
    close()
    return result


MASK = (1 << 64) - 1


def word_hash(word):
    """FNV-1a over the word's bytes, with a final mix."""
    h = 0xCBF29CE484222325
    for byte in word.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    h ^= h >> 32
    return (h * 0x9E3779B97F4A7C15) & MASK


def pair_hash(first, second):
    """Of two words that follow each other, from their hashes."""
    rotated = ((first << 5) | (first >> 59)) & MASK
    h = ((rotated ^ second) * 0x9E3779B97F4A7C15) & MASK
    return h ^ (h >> 29)


def gram_hashes(word):
    """Of all runs of three to five bytes of `<word>`, 32 bits each."""
    data = b"<" + word.encode() + b">"
    hashes = []
    for start in range(len(data) - 2):
        h = 0x811C9DC5
        for offset, byte in enumerate(data[start:start + 5]):
            h = ((h ^ byte) * 0x01000193) & 0xFFFFFFFF
            if offset >= 2:
                hashes.append(((h ^ (h >> 15)) * 0x85EBCA6B) & 0xFFFFFFFF)
    return hashes
