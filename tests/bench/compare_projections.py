#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lays out one input by Diptych, openTSNE and umap-learn, one after the other, and compares time and quality.

    ninja -C build/release bench_projection
    python3 -m venv venv && venv/bin/pip install numpy scikit-learn openTSNE umap-learn
    venv/bin/python tests/bench/compare_projections.py build/release/bin/bench_projection [--rows 20000] [--columns 512]

The input is made up: unit vectors in clusters, each on a curved sheet of its own, with noise; or an array of your own
(--features FILE.npy). Times hold everything from features to positions; the Python libraries are imported, and have
compiled their functions on a small input, before their time starts. Processor seconds are of all threads together and
say more than seconds where other programs run beside. Trustworthiness is exact, on up to 3,000 points.
"""
import argparse
import os
import resource
import subprocess
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

warnings.filterwarnings("ignore")


def made_up(rows, columns, clusters=40, dimensions=12, seed=0):
    random = np.random.default_rng(seed)
    centres = random.normal(size=(clusters, columns))
    label = random.integers(0, clusters, rows)
    sheets = random.normal(size=(clusters, dimensions, columns)) * 0.5
    place = random.normal(size=(rows, dimensions))
    place[:, 1] += 0.5 * place[:, 0] ** 2
    out = 0.3 * random.normal(size=(rows, columns)) + centres[label]
    for c in range(clusters):
        out[label == c] += place[label == c] @ sheets[c]
    return (out / np.linalg.norm(out, axis=1, keepdims=True)).astype(np.float32)


def trustworthiness(features, positions, k=10, most=3000):
    """Venna and Kaski (2001), as scikit-learn's, over a sample of the points."""
    from sklearn.neighbors import NearestNeighbors

    n = len(features)
    rows = np.sort(np.random.default_rng(1).choice(n, min(n, most), replace=False))
    near = NearestNeighbors(n_neighbors=k + 1).fit(positions).kneighbors(positions[rows])[1]
    features = features.astype(np.float64)
    squares = (features**2).sum(1)
    penalty = 0
    for i, row in enumerate(rows):
        distance = squares + squares[row] - 2 * (features @ features[row])
        distance[row] = np.inf
        for j in [j for j in near[i] if j != row][:k]:
            penalty += max(0, (distance < distance[j]).sum() + 1 - k)
    return 1 - 2 * penalty / (len(rows) * k * (2 * n - 3 * k - 1))


def timed(call):
    start, processor = time.perf_counter(), time.process_time()
    result = call()
    return time.perf_counter() - start, time.process_time() - processor, np.asarray(result)


def children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ours(program, method, path, threads):
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "positions.npy"
        before = children_seconds()
        done = subprocess.run([program, method, path, target, "0", str(threads)], check=True, capture_output=True, text=True)
        return float(done.stdout), children_seconds() - before, np.load(target)


def show(method, library, seconds, processor, trust):
    print(f"{method}    {library:10}  {seconds:7.2f}  {processor:9.2f}  {trust:.4f}", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("program")
    arguments.add_argument("--rows", type=int, default=20000)
    arguments.add_argument("--columns", type=int, default=512)
    arguments.add_argument("--features")
    arguments.add_argument("--threads", type=int, default=os.cpu_count())
    given = arguments.parse_args()
    features = np.load(given.features) if given.features else made_up(given.rows, given.columns)

    import openTSNE
    import umap

    small = features[:300]
    openTSNE.TSNE(n_jobs=given.threads).fit(small)
    umap.UMAP(n_jobs=given.threads).fit_transform(small)
    peers = {
        "tsne": ("openTSNE", lambda: openTSNE.TSNE(n_jobs=given.threads, random_state=0).fit(features)),
        "umap": ("umap-learn", lambda: umap.UMAP(n_jobs=given.threads).fit_transform(features)),
    }
    print(f"{features.shape[0]} x {features.shape[1]}, {given.threads} threads, load {os.getloadavg()[0]:.1f}", flush=True)
    print("method  library     seconds  processor  trustworthiness@10", flush=True)
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        np.save(file.name, features)
        for method, (library, fit) in peers.items():
            seconds, processor, positions = ours(given.program, method, file.name, given.threads)
            show(method, "diptych", seconds, processor, trustworthiness(features, positions))
            peer_seconds, peer_processor, peer = timed(fit)
            show(method, library, peer_seconds, peer_processor, trustworthiness(features, peer))
            print(f"{method}    its / ours  {peer_seconds / seconds:7.2f}  {peer_processor / processor:9.2f}", flush=True)


if __name__ == "__main__":
    main()
