// Progress, printed: as Docker shows it on a terminal, a line for each change
// otherwise, or JSON objects as Docker's API sends them.
#pragma once

#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/progress.hpp"

namespace slipway {

class ProgressPrinter {
  public:
    enum class Form {
        Terminal,  ///< one line a layer, drawn over
        Plain,     ///< a line when the state of a layer changes
        Json,      ///< an object a line, with numbers
        Quiet,     ///< nothing
    };
    /// Terminal when `stream` is one, else Plain.
    static Form form_for(std::FILE* stream);

    ProgressPrinter(std::FILE* stream, Form form);
    ProgressPrinter(const ProgressPrinter&) = delete;
    ProgressPrinter& operator=(const ProgressPrinter&) = delete;
    ~ProgressPrinter() = default;

    /// May be called by several threads.
    void layer(const LayerProgress& progress);
    /// A line of its own: "latest: Pulling from library/busybox".
    void line(std::string_view text);
    ProgressSink sink();

  private:
    struct Shown {
        std::size_t row;  ///< from the first layer's down
        LayerProgress::State state;
        std::int64_t drawn_ms;
    };
    void draw(std::size_t row, const std::string& text);
    std::FILE* stream_;
    Form form_;
    std::mutex mutex_;
    std::map<Digest, Shown> shown_;
};

}  // namespace slipway
