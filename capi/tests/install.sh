#!/usr/bin/env bash
# Installs libundersong with cargo-c into an empty folder, as docs/c-library.md says, and builds and runs C and C++ against what lies there.
set -euo pipefail
cd "$(dirname "$0")/../.."

# cargo-c is linked with the system's OpenSSL.
if command -v apt-get >/dev/null && ! pkg-config --exists openssl 2>/dev/null; then
  sudo=""
  if [ "$(id -u)" -ne 0 ]; then sudo="sudo"; fi
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends libssl-dev pkg-config
fi

version="0.10.21+cargo-0.95.0"
if [[ "$(cargo cinstall --version 2>/dev/null || true)" != *0.10.21* ]]; then
  # A tool that runs once need not be fast: without optimisation it builds in a third of the time.
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
    cargo install --quiet --locked cargo-c --version "$version"
fi

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cargo cinstall --release --locked -p undersong-capi --prefix=/usr/local --libdir=/usr/local/lib --destdir "$folder"

home="$folder/usr/local"
real="$(cd "$home/lib" && ls libundersong.so.*.*.*)"
for file in lib/libundersong.a lib/libundersong.so lib/pkgconfig/undersong.pc include/undersong.h include/undersong.hpp; do
  test -e "$home/$file" || { echo "$file was not installed" >&2; exit 1; }
done
# What is installed is what the tests compile against.
cmp capi/include/undersong.h "$home/include/undersong.h"
cmp capi/include/undersong.hpp "$home/include/undersong.hpp"
# Its name holds the versions that are compatible: 0.1 while the version is 0.1.x.
readelf -d "$home/lib/$real" | grep -F 'Library soname: [libundersong.so.0.1]'
test -e "$home/lib/libundersong.so.0.1"

export PKG_CONFIG_PATH="$home/lib/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$folder" LD_LIBRARY_PATH="$home/lib"
pkg-config --modversion undersong
ffmpeg -v error -i cli/samples/take.flac -f f32le -ac 1 "$folder/sound.raw"
# shellcheck disable=SC2046 # words are what is wanted
cc -std=c11 -Icapi/tests/c -o "$folder/voice" capi/tests/c/voice.c $(pkg-config --cflags --libs undersong)
# shellcheck disable=SC2046
c++ -std=c++20 -o "$folder/wrapper" capi/tests/c/wrapper.cpp $(pkg-config --cflags --libs undersong)
"$folder/voice" "$folder/sound.raw" 22050 | grep -c '^update '
"$folder/wrapper" "$folder/sound.raw" 22050
echo "installed: $real ($(stat -c %s "$home/lib/$real") bytes)"
