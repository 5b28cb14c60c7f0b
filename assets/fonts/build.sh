#!/bin/sh
# Rebuilds the two subsets beside this script. Needs Debian's apt and dpkg, and Python with venv; no root.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

apt-get download fonts-noto-cjk unicode-data
for package in *.deb; do dpkg -x "$package" .; done
python3 -m venv python
python/bin/pip install --quiet fonttools

python/bin/python "$here/characters.py" usr/share/unicode/Unihan_OtherMappings.txt.bz2 regular.txt bold.txt

subset() { # name, file in the package, characters; font 2 of the collection is Simplified Chinese
    python/bin/pyftsubset "usr/share/fonts/opentype/noto/$2" --font-number=2 --text-file="$3" \
        --output-file="$here/$1" --no-hinting --layout-features= --notdef-outline --name-IDs=0,1,2,4,5,6,13,14 \
        --drop-tables+=vhea,vmtx,VORG,BASE,GPOS,GSUB,GDEF
}
subset NotoSansSC-Regular.subset.otf NotoSansCJK-Regular.ttc regular.txt
subset NotoSansSC-Bold.subset.otf NotoSansCJK-Bold.ttc bold.txt
ls -l "$here"/*.otf
