"""Scans an archive with Dask: Parquet with a column `path` in, Parquet of scores out.

    python scan_with_dask.py takes.parquet scores/ [WORKERS]

On a cluster, connect the `Client` to its scheduler instead.
"""

import sys

import dask.dataframe
from dask.distributed import Client, LocalCluster

import undersong


def main(source: str, target: str, workers: int = 2) -> None:
    with LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        takes = dask.dataframe.read_parquet(source)
        # A partition is a task: some minutes of work each, and some for each worker.
        takes = takes.repartition(npartitions=4 * workers)
        scores = takes.map_partitions(undersong.scan_dataset, meta=undersong.scan_dataset(takes.head(0)))
        scores.to_parquet(target)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
