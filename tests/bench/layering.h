#pragma once

namespace ecloud::bench {

/// Prints what `ecloud image layer` moves, takes and holds in memory for an image of 1 GiB (or
/// ECLOUD_BENCH_MIB) in a registry, beside buildah's way to the same: pull, change, push. Says what
/// is missing where docker-registry, skopeo, busybox or buildah is not installed.
void bench_layering();

}  // namespace ecloud::bench
