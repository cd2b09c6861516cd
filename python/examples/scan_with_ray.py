"""Scans an archive with Ray Data: Parquet with a column `path` in, Parquet of scores out.

    python scan_with_ray.py takes.parquet scores/ [WORKERS]

On a cluster, start it by `ray job submit`, and leave `num_cpus` out.
"""

import sys

import ray

import undersong


def main(source: str, target: str, workers: int = 2) -> None:
    ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)
    takes = ray.data.read_parquet(source)
    # A task for each eight takes; each worker process opens the model once.
    scores = takes.repartition(target_num_rows_per_block=8).map_batches(undersong.scan_dataset, batch_format="pyarrow", batch_size=8)
    scores.write_parquet(target)
    ray.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
