// "tmpcopyup": a memory file system that begins with what it covers.
#pragma once

namespace slipway {

/// Copies what is in folder `from` into folder `to`: folders, files, links and
/// nodes, with owners, modes and times. Mounts below are not entered.
void copy_up(int from, int to);

}  // namespace slipway
