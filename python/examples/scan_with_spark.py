"""Scans an archive with Spark: Parquet with a column `path` in, Parquet of scores out.

    python scan_with_spark.py takes.parquet scores/ [WORKERS]

On a cluster, start it by `spark-submit`, and leave `master` out.
"""

import os
import sys
from collections.abc import Iterator

import pandas
from pyspark.sql import SparkSession

import undersong


def scan(batches: Iterator[pandas.DataFrame]) -> Iterator[pandas.DataFrame]:
    return map(undersong.scan_dataset, batches)


def main(source: str, target: str, workers: int = 2) -> None:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    spark = (
        SparkSession.builder.master(f"local[{workers}]")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", 8)
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    takes = spark.read.parquet(source).repartition(4 * workers)
    takes.mapInPandas(scan, schema=undersong.spark_schema()).write.mode("overwrite").parquet(target)
    spark.stop()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
