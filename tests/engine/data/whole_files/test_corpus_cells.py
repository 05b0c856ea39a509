"""What stands between the cells of a row, and what encloses them."""

from pathlib import Path

from tests.engine.data.whole_files.corpus import CITIES, N_ROWS, TABLE, Case, Told, W, X, Y, by_name, cities, file_of, rows
from tests.engine.data.whole_files.corpus_checks import check

SAID = [
    "Come here",
    "Where did you see the last of them?",
    "No",
    "I have not been there nor will I go",
    "Why?",
    "Why not then",
]

DELIMITERS = [
    Case("comma", cities(",").encode(), CITIES, spec={"delimiter": ","}),
    Case("semicolon", cities(";").encode(), CITIES, spec={"delimiter": ";"}),
    Case("tab", cities("\t").encode(), CITIES, spec={"delimiter": "\t"}),
    Case("pipe", cities("|").encode(), CITIES, spec={"delimiter": "|"}),
    Case("one space", cities(" ").encode(), CITIES, spec={"delimiter": " "}),
    Case("runs of spaces", cities("    ").encode(), CITIES, spec={"delimiter": " "}),
    Case(
        "columns aligned to the right",
        file_of("     x    y  w", *(f"{x:6.2f} {y:4d}  {w[0]}" for x, y, w in zip(X, Y, W, strict=True))),
        {"x": X, "y": Y, "w": [str(w)[0] for w in W]},
        spec={"delimiter": " "},
    ),
    Case(
        "commas inside cells of a semicolon file",
        file_of("x;y;w", *rows(";", word="{}, dark")),
        {**TABLE, "w": [f"{w}, dark" for w in W]},
    ),
    Case("semicolons inside cells", file_of("x,y,w", *rows(word='"{}; dark"')), {**TABLE, "w": [f"{w}; dark" for w in W]}),
    Case("commas in quoted cells", file_of("x,y,w", *rows(word='"{}, dark"')), {**TABLE, "w": [f"{w}, dark" for w in W]}),
    Case("a space after each delimiter", file_of("x, y, w", *rows(", ")), TABLE),
    Case(
        "a space after each delimiter and quotes",
        file_of("x, y, w", *rows(", ", word='"{}, dark"')),
        {**TABLE, "w": [f"{w}, dark" for w in W]},
    ),
    Case("spaces on both sides", file_of("x ; y ; w", *rows(" ; ")), TABLE),
    Case("spaces around tabs", file_of("x \t y \t w", *rows(" \t ")), TABLE, spec={"delimiter": "\t"}),
    Case("one column of numbers", file_of("x", *(str(x) for x in X)), {"x": X}),
    Case("one column of words", file_of("w", *(str(w) for w in W)), {"w": W}),
    Case("one column of sentences", file_of("what was said", *SAID), {"what was said": SAID}),
    Case(
        "two columns, mostly empty",
        file_of("x,y", *(f"{n}.5," for n in range(9)), "9.5,1"),
        {"x": [n + 0.5 for n in range(10)], "y": [*[None] * 9, 1]},
    ),
]


@by_name(DELIMITERS)
def test_delimiters(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)


QUOTES = [
    Case("quoted line breaks", file_of("x,y,w", *rows(word='"{}\nand more"')), {**TABLE, "w": [f"{w}\nand more" for w in W]}),
    Case("quoted blank lines", file_of("x,y,w", *rows(word='"{}\n\n\n."')), {**TABLE, "w": [f"{w}\n\n\n." for w in W]}),
    Case("doubled quotes", file_of("x,y,w", *rows(word='"the ""{}"" one"')), {**TABLE, "w": [f'the "{w}" one' for w in W]}),
    Case("doubled quotes only", file_of("x,y,w", *rows(word='"""{}"""')), {**TABLE, "w": [f'"{w}"' for w in W]}),
    Case(
        "everything in quotes", file_of('"x","y","w"', *(f'"{x}","{y}","{w}"' for x, y, w in zip(X, Y, W, strict=True))), TABLE
    ),
    Case("words in quotes", file_of('"x","y","w"', *rows(word='"{}"')), TABLE, spec={"quote": '"'}),
    Case(
        "single quotes",
        file_of("'x','y','w'", *rows(word="'{}, dark'")),
        {**TABLE, "w": [f"{w}, dark" for w in W]},
        spec={"quote": "'"},
    ),
    Case(
        "doubled single quotes",
        file_of("x,y,w", *rows(word="'it''s {}, dark'")),
        {**TABLE, "w": [f"it's {w}, dark" for w in W]},
        spec={"quote": "'"},
    ),
    Case(
        "single quotes around numbers", file_of("x,y,w", *(f"{x},'{y}','{w}'" for x, y, w in zip(X, Y, W, strict=True))), TABLE
    ),
    Case("apostrophes are no quotes", file_of("x,y,w", *rows(word="'tis {}")), {**TABLE, "w": [f"'tis {w}" for w in W]}),
    Case(
        "apostrophes inside words", file_of("x,y,w", *rows(word="O'Neill's {}")), {**TABLE, "w": [f"O'Neill's {w}" for w in W]}
    ),
    Case("single quotes inside double quotes", file_of("x,y,w", *rows(word="\"'{}'\"")), {**TABLE, "w": [f"'{w}'" for w in W]}),
    Case("inches", file_of("x,y,w", *rows(word='{} 5"')), {**TABLE, "w": [f'{w} 5"' for w in W]}),
    Case(
        "a quotation mark inside a word",
        file_of("x,y,w", *rows(word='{} "dark" one')),
        {**TABLE, "w": [f'{w} "dark" one' for w in W]},
    ),
    Case(
        "quoted cells that are empty",
        file_of("x,y,w", *rows()[:-1], '1.25,"",""'),
        {"x": [*X[:-1], 1.25], "y": [*Y[:-1], None], "w": [*W[:-1], None]},
    ),
    Case(
        "quotation marks behind a backslash",
        file_of("x,y,w", *rows(word='"the \\"{}\\", dark"')),
        {**TABLE, "w": [f'the "{w}", dark' for w in W]},
        spec={"escape": "\\"},
    ),
    Case(
        "a backslash before the closing quotation mark",
        file_of("x,y,w", *rows(word='"C:\\{}\\"')),
        {**TABLE, "w": [f"C:\\{w}\\" for w in W]},
        spec={"escape": None},
    ),
    Case("backslashes", file_of("x,y,w", *rows(word="\\n{}\\t")), {**TABLE, "w": [f"\\n{w}\\t" for w in W]}),
    Case(
        "line numbers after quoted line breaks",
        file_of("x,y,w", *rows(word='"{}\n."')[:10], "1.25,3", *rows()[11:]),
        {"x": [*X[:10], 1.25, *X[11:]], "y": [*Y[:10], 3, *Y[11:]], "w": [*(f"{w}\n." for w in W[:10]), None, *W[11:]]},
        (Told("too few", (22,)),),
    ),
    Case(
        "hash signs at the start of the cells",
        file_of("colour,y", *(f"#{n:02x}f{n % 9}a0,{n * 3 % 7}" for n in range(N_ROWS))),
        {"colour": [f"#{n:02x}f{n % 9}a0" for n in range(N_ROWS)], "y": [n * 3 % 7 for n in range(N_ROWS)]},
    ),
]


@by_name(QUOTES)
def test_quotes(case: Case, tmp_path: Path) -> None:
    check(case, tmp_path)
