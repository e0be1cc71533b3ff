// The terminal that a subject is started at: it is nobody's, and it tells when
// something was typed there by other means than a keyboard.
#pragma once

#include <string>

#include "common/unique_fd.hpp"

namespace slipway::compare {

class Terminal {
  public:
    Terminal();

    /// Readable when something was written to it, or typed into it.
    int outer() const { return outer_.get(); }
    /// Whether what the probe types has been seen since the last call.
    bool was_typed_into();
    /// For a child: a session at this terminal, which becomes standard input.
    void enter() const;

  private:
    UniqueFd outer_;
    std::string inner_;
};

}  // namespace slipway::compare
