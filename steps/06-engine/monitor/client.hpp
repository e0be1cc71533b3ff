// Somebody who is attached: what waits to be sent to them, and sending it.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "common/unique_fd.hpp"

namespace slipway {

/// Output goes to a socket, as messages (attach_protocol.hpp), or to one plain
/// descriptor, as bytes. It never blocks: what is not taken yet is kept, and
/// the container's output is not read while there is some.
class Outlet {
  public:
    static Outlet socket(UniqueFd fd);
    static Outlet plain(int borrowed);

    void add(char type, std::string_view bytes);
    bool has_pending() const { return !pending_.empty(); }
    /// Sends what is taken without waiting. False: the other side is gone.
    bool send();
    int fd() const { return own_ ? own_.get() : borrowed_; }

  private:
    bool send_message(const std::string& message);
    bool write_bytes();

    UniqueFd own_;
    int borrowed_ = -1;
    bool is_pipe_ = false;
    std::deque<std::string> pending_;
    std::size_t written_ = 0;  // of the first, when plain
};

}  // namespace slipway
