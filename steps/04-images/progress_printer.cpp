#include "04-images/progress_printer.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

#include "04-images/image_layers.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using State = LayerProgress::State;

// Docker's words.
const char* word_for(State state) {
    switch (state) {
        case State::Waiting:
            return "Pulling fs layer";
        case State::Present:
            return "Already exists";
        case State::Downloading:
            return "Downloading";
        case State::Unpacking:
            return "Extracting";
        case State::Pulled:
            return "Pull complete";
        case State::Uploading:
            return "Pushing";
        case State::Uploaded:
            return "Pushed";
        case State::Mounted:
            return "Mounted from another repository";
    }
    return "";
}

bool is_moving(State state) {
    return state == State::Downloading || state == State::Unpacking ||
           state == State::Uploading;
}

// "[=====>          ]  1.2 MiB/3 MiB"
std::string bar(const LayerProgress& progress) {
    constexpr std::size_t width = 50;
    if (!is_moving(progress.state) || progress.total == 0) return {};
    std::size_t done =
        static_cast<std::size_t>(static_cast<double>(progress.current) * width /
                                 static_cast<double>(progress.total));
    done = std::min(done, width);
    std::string drawn(done, '=');
    if (done < width) drawn += '>';
    drawn.resize(width, ' ');
    return cat("  [", drawn, "]  ", format_size(progress.current), "/",
               format_size(progress.total));
}

std::int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch())
        .count();
}

std::size_t terminal_rows(std::FILE* stream) {
    winsize size{};
    if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_row;
}

std::string json_line(const LayerProgress& progress) {
    nlohmann::ordered_json object;
    object["status"] = word_for(progress.state);
    object["progressDetail"] = nlohmann::ordered_json::object();
    if (is_moving(progress.state)) {
        object["progressDetail"]["current"] = progress.current;
        object["progressDetail"]["total"] = progress.total;
    }
    object["id"] = short_id(progress.layer);
    return object.dump();
}

}  // namespace

ProgressPrinter::Form ProgressPrinter::form_for(std::FILE* stream) {
    return ::isatty(::fileno(stream)) != 0 ? Form::Terminal : Form::Plain;
}

ProgressPrinter::ProgressPrinter(std::FILE* stream, Form form)
    : stream_(stream), form_(form) {}

// Rows of layers that scrolled out of sight cannot be drawn again: they are
// written below, as they come.
void ProgressPrinter::draw(std::size_t row, const std::string& text) {
    std::size_t up = shown_.size() - row;
    std::string drawn;
    if (up < terminal_rows(stream_))
        drawn = cat("\033[", up, "A\r\033[2K", text, "\033[", up, "B\r");
    std::fputs(drawn.c_str(), stream_);
}

void ProgressPrinter::layer(const LayerProgress& progress) {
    if (form_ == Form::Quiet) return;
    constexpr std::int64_t between_drawings_ms = 100;
    std::lock_guard lock(mutex_);
    auto [found, is_new] = shown_.try_emplace(
        progress.layer, Shown{shown_.size(), progress.state, 0});
    Shown& shown = found->second;
    bool changed = is_new || shown.state != progress.state;
    std::int64_t now = now_ms();
    if (!changed &&
        (form_ == Form::Plain || now - shown.drawn_ms < between_drawings_ms))
        return;
    shown.state = progress.state;
    shown.drawn_ms = now;
    std::string text = cat(short_id(progress.layer), ": ",
                           word_for(progress.state), bar(progress));
    if (form_ == Form::Json)
        text = json_line(progress);
    else if (form_ == Form::Plain)
        text = cat(short_id(progress.layer), ": ", word_for(progress.state));
    if (form_ == Form::Terminal && !is_new)
        draw(shown.row, text);
    else
        std::fputs((text + "\n").c_str(), stream_);
    std::fflush(stream_);
}

void ProgressPrinter::line(std::string_view text) {
    if (form_ == Form::Quiet) return;
    std::lock_guard lock(mutex_);
    std::string whole(text);
    if (form_ == Form::Json)
        whole = nlohmann::ordered_json{{"status", text}}.dump();
    std::fputs((whole + "\n").c_str(), stream_);
    std::fflush(stream_);
}

ProgressSink ProgressPrinter::sink() {
    if (form_ == Form::Quiet) return {};
    return [this](const LayerProgress& progress) { layer(progress); };
}

}  // namespace slipway
