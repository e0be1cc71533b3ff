// The keys that leave a container running: "ctrl-p,ctrl-q", as Docker has them.
#pragma once

#include <string>
#include <string_view>

namespace slipway {

/// What a terminal sends for them. Each key, separated by commas, is one
/// character or "ctrl-" and one of a to z, @, [, \, ], ^ and _. Throws
/// InvalidArgument. Empty text: ctrl-p,ctrl-q.
std::string parse_detach_keys(std::string_view text);

/// Looks for them in what is typed.
class DetachKeys {
  public:
    explicit DetachKeys(std::string keys) : keys_(std::move(keys)) {}

    struct Typed {
        std::string passed;  ///< for the container
        bool detach = false;
    };
    /// Keys that might be the beginning of the sequence are kept back until
    /// the next one shows that they are not.
    Typed filter(std::string_view typed);

  private:
    std::string keys_;
    std::string seen_;  // of the keys, and kept back
};

}  // namespace slipway
