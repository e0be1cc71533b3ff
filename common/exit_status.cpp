#include "common/exit_status.hpp"

#include "common/signals.hpp"
#include "common/text.hpp"

namespace slipway {

std::string ExitStatus::text() const {
    if (signal == 0) return cat("exit status ", code);
    return cat("killed by ", signal_name(signal), " (", signal, ")",
               core_dumped ? ", core dumped" : "");
}

ExitStatus ExitStatus::from(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return {.code = info.si_status};
    return {.signal = info.si_status,
            .core_dumped = info.si_code == CLD_DUMPED};
}

}  // namespace slipway
