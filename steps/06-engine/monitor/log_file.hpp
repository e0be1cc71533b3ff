// The files of a log: one that is written to, and older ones behind it.
//
//     json.log      the newest lines
//     json.log.1    those before
//     json.log.2    those before that, the oldest that are kept
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/unique_fd.hpp"

namespace slipway {

struct LogLimits {
    /// A file that has grown to this, and to the end of a line, becomes FILE.1,
    /// that one FILE.2 …
    /// 0: it grows without end.
    std::uint64_t max_size = 10 << 20;
    unsigned max_files = 3;  ///< the newest included
};

class LogFile {
  public:
    LogFile(std::string path, LogLimits limits)
        : path_(std::move(path)), limits_(limits) {}

    /// Adds lines. Returns how many bytes of whole lines were written; when
    /// these are not all, last_errno() says why. A reader never sees a line
    /// that is taken back later.
    std::size_t append(std::string_view lines);
    int last_errno() const { return errno_; }

  private:
    bool open();
    bool rotate();
    std::size_t room_for(std::string_view lines) const;
    std::size_t append_here(std::string_view lines);

    std::string path_;
    LogLimits limits_;
    UniqueFd file_;
    std::uint64_t size_ = 0;
    int errno_ = 0;
};

}  // namespace slipway
