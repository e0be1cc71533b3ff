// The three standard streams of a container, seen from outside.
#pragma once

#include <utility>

#include "common/unique_fd.hpp"

namespace slipway {

/// Our ends of a container's pipes. Of a terminal there is one for all.
struct ContainerStreams {
    UniqueFd in, out, err;
    UniqueFd terminal;
};

/// While it lives, descriptors 0, 1 and 2 of this process are these: what is
/// cloned meanwhile gets them.
class ReplacedStreams {
  public:
    ReplacedStreams(int in, int out, int err);
    ReplacedStreams(const ReplacedStreams&) = delete;
    ReplacedStreams& operator=(const ReplacedStreams&) = delete;
    ~ReplacedStreams();

  private:
    UniqueFd saved_[3];
};

/// The same with the inner ends of new pipes (0 is /dev/null when nobody will
/// write). `ours` are the outer ends.
class InnerStreams {
  public:
    explicit InnerStreams(bool open_stdin);

    ContainerStreams ours;

  private:
    ContainerStreams theirs_;
    ReplacedStreams replaced_;
    explicit InnerStreams(std::pair<ContainerStreams, ContainerStreams> ends);
};

}  // namespace slipway
