// Keeping our own program out of a container's reach.
//
// /proc/PID/exe of a process is a door to the file it runs, whatever root it
// has. A container whose entry point is "#!/proc/self/exe", or one that watches
// for a newcomer from `exec`, can so open our program on the host, and write
// into it as soon as nobody runs it (CVE-2019-5736).
#pragma once

namespace slipway {

/// Makes this process run from a copy that cannot be written: the same file,
/// seen through a mount of its own that is read-only and hangs nowhere. Does
/// nothing when that is so already; otherwise becomes our program again, with
/// these arguments. Where we may not mount, the copy is a sealed file in
/// memory. Throws when neither works.
void become_unwritable(char** argv);

}  // namespace slipway
