// Memory that a process which mostly waits need not hold.
#pragma once

namespace slipway {

/// Gives back free heap, and the pages of the program's own code: they are in
/// the page cache, and come back one by one when they are run again. After a
/// start most of them are never needed any more.
void release_unused_memory();

}  // namespace slipway
