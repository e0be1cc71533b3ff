// ScopeGuard: the undo, written beside the thing it undoes.
//
//     int fd = acquire();
//     ScopeGuard undo([&] { release(fd); });
//     …                    // anything here may throw: release() still runs
//     undo.dismiss();      // all went well: keep it
#pragma once

#include <utility>

namespace slipway {

/// Runs `undo` when the scope ends, unless dismissed. `undo` must not throw:
/// it may run while another exception is on its way (then: std::terminate).
template <class Undo>
class ScopeGuard {
  public:
    explicit ScopeGuard(Undo undo) : undo_(std::move(undo)) {}
    ScopeGuard(const ScopeGuard&) = delete;
    ScopeGuard& operator=(const ScopeGuard&) = delete;
    ~ScopeGuard() {
        if (armed_) undo_();
    }
    void dismiss() { armed_ = false; }

  private:
    Undo undo_;
    bool armed_ = true;
};

}  // namespace slipway
