from web.vendor import THIRD_PARTY, WITHIN, copy


def test_an_asset_that_is_named_no_more_is_gone(tmp_path):
    modules, folder = tmp_path / "node_modules", tmp_path / "vendor"
    for file in THIRD_PARTY:
        for path in (file.path, file.licence):
            there = modules / file.package / path
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_text(path)
    for package, licence in WITHIN.items():
        there = modules / package / licence
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text(licence)
    folder.mkdir()
    (folder / "jquery.js").write_text("from another time")

    copy(modules, folder)

    found = {path.name for path in folder.iterdir()}
    assert "jquery.js" not in found
    assert found >= {file.name for file in THIRD_PARTY}
