// What is typed for a container, on its way into its stdin.
#pragma once

#include <string>
#include <string_view>

#include "common/unique_fd.hpp"

namespace slipway {

class ContainerInput {
  public:
    /// `pipe`: the writing end of its stdin, or empty. `terminal`: the outer
    /// end of its terminal, borrowed, or -1. Both are made non-blocking. With
    /// `once`, its input ends when somebody's who is attached does.
    ContainerInput(UniqueFd pipe, int terminal, bool once);

    /// What the container does not take yet is kept. Whoever adds asks before.
    bool is_held_up() const { return !pending_.empty(); }
    void add(std::string_view bytes);
    void feed();
    /// The input of somebody who is attached has ended.
    void end();
    /// Writable when feed() has something to do; -1: never.
    int fd() const { return terminal_ >= 0 ? terminal_ : pipe_.get(); }

  private:
    UniqueFd pipe_;
    int terminal_;
    bool once_, ends_ = false;
    std::string pending_;
};

/// Reading and writing return at once from now on.
void make_nonblocking(int fd);

}  // namespace slipway
