#include "compare/terminal.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "common/error.hpp"

namespace slipway::compare {

Terminal::Terminal()
    : outer_(check(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK),
                   "posix_openpt")) {
    check(::unlockpt(outer_.get()), "unlockpt");
    std::array<char, 64> name{};
    if (int error = ::ptsname_r(outer_.get(), name.data(), name.size()))
        throw_errno(error, "ptsname");
    inner_ = name.data();
}

// What is typed is echoed, and comes out here.
bool Terminal::was_typed_into() {
    std::array<char, 4096> bytes{};
    ssize_t size = ::read(outer_.get(), bytes.data(), bytes.size());
    return size > 0 && std::find(bytes.data(), bytes.data() + size, '~') !=
                           bytes.data() + size;
}

void Terminal::enter() const {
    check(::setsid(), "setsid");
    UniqueFd inner(check(::open(inner_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC),
                         "open ", inner_));
    check(::ioctl(inner.get(), TIOCSCTTY, 0), "TIOCSCTTY");
    check(::dup2(inner.get(), 0), "dup2");
}

}  // namespace slipway::compare
