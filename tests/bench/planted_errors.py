#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plants wrong labels and near-duplicates in Blocks, and measures how many of them `diptych curate` finds.

    python3 -m venv venv && venv/bin/pip install Pillow
    venv/bin/python tests/bench/planted_errors.py build/release/bin/diptych --model resources/demo/blocks-tiny

Wrong labels: 5 % of the images lie in another class's folder, drawn at random. Near-duplicates: images of train come
again in test, re-encoded as JPEG of quality 60, reduced to 80 %, or with 5 % cut off each side. Precision and recall
of labels count images; those of duplicates count pairs of images in one group.
"""
import argparse
import itertools
import json
import random
import subprocess
import tempfile
from pathlib import Path

from PIL import Image


def run(program, *arguments):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    return json.loads(done.stdout) if "--json" in arguments else None


def write_copy(kind, source, target):
    picture = Image.open(source).convert("RGB")
    width, height = picture.size
    if kind == "reencoded":
        picture.save(target, quality=60)
    elif kind == "reduced":
        picture.resize((width * 4 // 5, height * 4 // 5), Image.Resampling.BICUBIC).save(target, quality=90)
    else:
        picture.crop((width // 20, height // 20, width - width // 20, height - height // 20)).save(target, quality=90)


def plant(clean, planted, draw):
    """Copies the clean class folders into train and test; returns wrong labels and groups by name."""
    wrong, groups = {}, {}
    classes = sorted(folder.name for folder in clean.iterdir() if folder.is_dir())
    files = sorted(clean.glob("*/*.png"))
    for number, file in enumerate(files):
        label = file.parent.name
        name = f"{number:05}.png"
        if draw.random() < 0.05:
            wrong[name] = label
            label = draw.choice([other for other in classes if other != label])
        split = "train" if number % 5 else "test"
        folder = planted / split / label
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(file.read_bytes())
        if split == "train" and draw.random() < 0.06:
            kind = draw.choice(["reencoded", "reduced", "cropped"])
            copy = f"{number:05}-{kind}.jpg"
            (planted / "test" / label).mkdir(parents=True, exist_ok=True)
            write_copy(kind, file, planted / "test" / label / copy)
            groups[name] = copy
            if name in wrong:
                wrong[copy] = wrong[name]
    return wrong, groups, len(files) + len(groups)


def score(title, found, true):
    right = len(found & true)
    precision = right / len(found) if found else float("nan")
    print(f"  {title:<44} found {len(found):5}  precision {precision:6.1%}  recall {right / len(true):6.1%}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--model", required=True)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--sets", nargs="*", default=["blocks-shape", "blocks-colour", "blocks-shape-colour"])
    options = parser.parse_args()
    for kind in options.sets:
        with tempfile.TemporaryDirectory() as where:
            where = Path(where)
            run(options.program, "blocks", kind, "--output", where / "clean", "--count", options.count)
            wrong, groups, images = plant(where / "clean", where / "planted", random.Random(1))
            place = ["--workspace", where / "w", "--dataset", kind]
            run(options.program, "import", where / "planted", "--workspace", where / "w", "--name", kind)
            print(f"{kind}: {images} images, {len(wrong)} wrong labels, {len(groups)} near-duplicates across splits")
            model = ["--model", options.model]
            run(options.program, "eval", "zero-shot", *place, *model, "--keep", 48, "--resamples", 100)
            for title, how in (("labels, probe", model), ("labels, zero-shot run", ["--run", 1])):
                for method in ("confident-learning", "noise-rate"):
                    found = run(options.program, "curate", "labels", *place, *how, "--method", method, "--json")
                    names = {Path(f["image"]).name for f in found["findings"]}
                    score(f"{title}, {method}", names, set(wrong))
                    if method == "confident-learning":
                        print(f"    by {found['by']}")
            pairs = {tuple(sorted(pair)) for pair in groups.items()}
            for threshold in (0.95, 0.97, 0.98, 0.99, 0.995):
                found = run(options.program, "curate", "duplicates", *place, *model, "--threshold", threshold, "--json")
                members = {}
                for finding in found["findings"]:
                    members.setdefault(finding["group"], []).append(Path(finding["image"]).name)
                made = {tuple(sorted(pair)) for names in members.values() for pair in itertools.combinations(names, 2)}
                score(f"duplicates, cosine {threshold} and more", made, pairs)


main()
