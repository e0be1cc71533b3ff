// Where output goes: somebody who is attached by a socket, or a plain
// descriptor of this process.
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "common/unique_fd.hpp"

namespace slipway {

/// To a socket go messages (attach_protocol.hpp), to a plain descriptor bytes.
/// It never blocks: what is not taken yet is kept, and whoever adds to it asks
/// has_pending() before.
class Outlet {
  public:
    static Outlet socket(UniqueFd fd);
    /// Borrowed; its flags are its owner's and stay as they are.
    static Outlet plain(int fd);

    void add(char type, std::string_view bytes);
    bool has_pending() const { return !pending_.empty(); }
    /// Sends what is taken without waiting. False: the other side is gone.
    bool send();
    void discard();
    int fd() const { return own_ ? own_.get() : borrowed_; }
    /// The socket stays open until this process ends or becomes another one.
    void leave_open();

  private:
    ssize_t send_some(std::string_view bytes);

    UniqueFd own_;
    int borrowed_ = -1;
    /// A pipe or terminal that we cannot open a second time; see write_some().
    bool may_block_ = false;
    bool is_message_ = false;
    std::deque<std::string> pending_;
    std::size_t written_ = 0;  // of the first, when plain
};

}  // namespace slipway
