// The three standard streams of a container, seen from outside.
#pragma once

#include "common/unique_fd.hpp"

namespace slipway {

/// Our ends of a container's pipes. Of a terminal there is one for all.
struct ContainerStreams {
    UniqueFd in, out, err;
    UniqueFd terminal;
};

/// While it lives, descriptors 0, 1 and 2 of this process are the inner ends of
/// new pipes (0 is /dev/null when nobody will write): what is cloned meanwhile
/// gets them. `ours` are the outer ends.
class InnerStreams {
  public:
    explicit InnerStreams(bool open_stdin);
    InnerStreams(const InnerStreams&) = delete;
    InnerStreams& operator=(const InnerStreams&) = delete;
    ~InnerStreams();

    ContainerStreams ours;

  private:
    UniqueFd saved_[3];
};

}  // namespace slipway
