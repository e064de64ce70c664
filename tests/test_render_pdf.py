from reluviz.cli import main


def test_render_writes_a_pdf_with_as_many_polygons_as_regions(tmp_path, capsys):
    path = tmp_path / "x.pdf"
    words = ["--dataset", "moons", "--points", "40", "--hidden", "5", "--steps", "20", "--size", "120x100"]
    assert main(["render", *words, "-o", str(path)]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    data = path.read_bytes()
    assert data.startswith(b"%PDF-1.5")
    assert data.endswith(b"%%EOF\n")
    assert b"/MediaBox[0 0 90 75]" in data
    assert [file.name for file in tmp_path.iterdir()] == ["x.pdf"]
