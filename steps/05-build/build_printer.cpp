#include "05-build/build_printer.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Kind = BuildEvent::Kind;
constexpr std::size_t lines_kept = 20;  // shown when a step fails
constexpr std::size_t lines_live = 4;   // shown while it runs
constexpr std::size_t longest_line = 64 << 10;

std::string title_of(const BuildEvent& event) {
    return cat("[", event.stage, " ", event.number, "/", event.of_stage, "] ",
               event.text);
}

std::string seconds_text(double seconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1fs", seconds);
    return text;
}

// What a command writes must not command the terminal: only text is left.
std::string harmless(std::string_view line) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\x1b' && i + 1 < line.size() && line[i + 1] == '[') {
            i = std::min(line.find_first_not_of("0123456789;?", i + 2),
                         line.size());
            continue;
        }
        auto letter = static_cast<unsigned char>(line[i]);
        if (letter == '\t')
            text += ' ';
        else if (letter >= ' ' && letter != 0x7f)
            text += line[i];
    }
    return text;
}

std::size_t width_of(FILE* out) {
    winsize size{};
    constexpr std::size_t usual = 80;
    if (::ioctl(::fileno(out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return usual;
    return size.ws_col;
}

std::string cut(const std::string& line, std::size_t width) {
    if (line.size() < width) return line;
    std::size_t end = width > 1 ? width - 1 : 0;
    // Not in the middle of a letter of UTF-8.
    while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80)
        --end;
    return line.substr(0, end);
}

}  // namespace

BuildPrinter::Form BuildPrinter::form_of(const std::string& word, FILE* out) {
    bool is_terminal = ::isatty(::fileno(out)) != 0;
    if (word == "auto") return is_terminal ? Form::Terminal : Form::Plain;
    if (word == "plain") return Form::Plain;
    if (word == "tty") return Form::Terminal;
    if (word == "json" || word == "rawjson") return Form::Json;
    if (word == "quiet" || word == "none") return Form::Quiet;
    throw Error(ErrorKind::InvalidArgument, cat("--progress ", quote(word)))
        .advise("it is auto, plain, tty, json or quiet");
}

BuildPrinter::BuildPrinter(FILE* out, Form form, bool explain)
    : out_(out), form_(form), explain_(explain) {
    if (form_ == Form::Terminal) ticker_ = std::thread([this] { tick(); });
}

BuildPrinter::~BuildPrinter() {
    finish();
}

BuildProgress BuildPrinter::sink() {
    return [this](const BuildEvent& event) { take(event); };
}

double BuildPrinter::age(const Step& step) const {
    return std::chrono::duration<double>(Clock::now() - step.begin).count();
}

void BuildPrinter::take(const BuildEvent& event) {
    std::lock_guard guard(mutex_);
    if (form_ == Form::Json) return json(event);
    if (event.kind == Kind::Started)
        steps_[event.step] = {title_of(event), Clock::now(), {}, {}, {}, false};
    auto found = steps_.find(event.step);
    if (found == steps_.end()) return;
    if (form_ == Form::Plain)
        plain(event, found->second);
    else if (form_ == Form::Quiet)
        quiet(event, found->second);
    else
        live(event, found->second);
    if (event.kind == Kind::Done || event.kind == Kind::Failed)
        steps_.erase(event.step);
    if (form_ == Form::Terminal) draw_live();
    std::fflush(out_);
}

void BuildPrinter::print(const std::string& line) {
    std::fputs((line + "\n").c_str(), out_);
}

void BuildPrinter::json(const BuildEvent& event) {
    constexpr const char* names[] = {"started", "output", "cached", "done",
                                     "failed",  "missed", "note"};
    nlohmann::ordered_json object;
    object["event"] = names[static_cast<std::size_t>(event.kind)];
    object["step"] = event.step;
    object["stage"] = event.stage;
    object["number"] = event.number;
    object["of"] = event.of_stage;
    if (!event.text.empty()) object["text"] = event.text;
    if (event.kind == Kind::Done || event.kind == Kind::Failed)
        object["seconds"] = event.seconds;
    print(object.dump(-1, ' ', false,
                      nlohmann::ordered_json::error_handler_t::replace));
    std::fflush(out_);
}

// Whole lines; what a carriage return covers is gone, as on a terminal.
std::vector<std::string> BuildPrinter::take_lines(Step& step,
                                                  const std::string& bytes) {
    std::vector<std::string> whole;
    auto end_line = [&] {
        while (step.partial.ends_with('\r')) step.partial.pop_back();
        std::size_t begin = step.partial.rfind('\r');
        std::string line =
            harmless(std::string_view(step.partial)
                         .substr(begin == std::string::npos ? 0 : begin + 1));
        step.lines.push_back(line);
        if (step.lines.size() > lines_kept) step.lines.pop_front();
        whole.push_back(std::move(line));
        step.partial.clear();
    };
    for (char letter : bytes) {
        if (letter == '\n' || step.partial.size() >= longest_line) end_line();
        if (letter != '\n') step.partial += letter;
    }
    return whole;
}

void BuildPrinter::plain(const BuildEvent& event, Step& step) {
    auto line = [&](const std::string& text) {
        print(cat("#", event.step, " ", text));
    };
    std::vector<std::string> lines;
    if (event.kind == Kind::Output) lines = take_lines(step, event.text);
    if ((event.kind == Kind::Done || event.kind == Kind::Failed) &&
        !step.partial.empty())
        lines = take_lines(step, "\n");
    for (const std::string& each : lines) {
        char time[32];
        std::snprintf(time, sizeof time, "%.3f ", age(step));
        line(time + each);
    }
    switch (event.kind) {
        case Kind::Started:
            line(step.title);
            break;
        case Kind::Cached:
            step.cached = true;
            break;
        case Kind::Missed:
            if (explain_) line("not cached: " + harmless(event.text));
            break;
        case Kind::Done:
            line(step.cached ? "CACHED"
                             : "DONE " + seconds_text(event.seconds));
            break;
        case Kind::Failed:
            line("ERROR: " + harmless(event.text));
            break;
        case Kind::Output:
        case Kind::Note:
            break;
    }
}

// However quiet it was to be: what failed may say why.
void BuildPrinter::quiet(const BuildEvent& event, Step& step) {
    if (event.kind == Kind::Output) take_lines(step, event.text);
    if (event.kind != Kind::Failed) return;
    if (!step.partial.empty()) take_lines(step, "\n");
    for (const std::string& each : step.lines) print(each);
}

//@ begin live-list
// Steps that are over stay above as text; below them those that run are drawn
// anew each time.
void BuildPrinter::live(const BuildEvent& event, Step& step) {
    if (event.kind == Kind::Output) {
        take_lines(step, event.text);
        return;
    }
    if (event.kind == Kind::Cached) step.cached = true;
    if (event.kind == Kind::Missed) step.why = harmless(event.text);
    if (event.kind != Kind::Done && event.kind != Kind::Failed) return;
    erase_live();
    std::string end = step.cached ? "CACHED " : "";
    std::string line = cat(event.kind == Kind::Failed ? " ✗ " : " ✓ ", end,
                           harmless(step.title));
    std::size_t width = width_of(out_);
    print(cat(cut(line, width - 8), "  ", seconds_text(event.seconds)));
    if (explain_ && !step.why.empty()) print("   not cached: " + step.why);
    if (event.kind == Kind::Failed) {
        if (!step.partial.empty()) take_lines(step, "\n");
        for (const std::string& each : step.lines) print("   | " + each);
    }
}
//@ end live-list

void BuildPrinter::erase_live() {
    if (drawn_ > 0) std::fputs(cat("\x1b[", drawn_, "A\x1b[J").c_str(), out_);
    drawn_ = 0;
}

void BuildPrinter::draw_live() {
    erase_live();
    std::size_t width = width_of(out_);
    for (const auto& [number, step] : steps_) {
        std::string line = cat(" • ", harmless(step.title));
        print(cat(cut(line, width - 8), "  ", seconds_text(age(step))));
        ++drawn_;
        std::size_t count = std::min(step.lines.size(), lines_live);
        for (std::size_t i = step.lines.size() - count; i < step.lines.size();
             ++i, ++drawn_)
            print("   | " + cut(step.lines[i], width - 6));
    }
}

// Seconds go on also when nothing happens.
void BuildPrinter::tick() {
    std::unique_lock lock(mutex_);
    constexpr std::chrono::milliseconds pause{200};
    while (!changed_.wait_for(lock, pause, [&] { return finished_; })) {
        if (steps_.empty()) continue;
        draw_live();
        std::fflush(out_);
    }
}

void BuildPrinter::note(const std::string& text) {
    std::lock_guard guard(mutex_);
    if (form_ == Form::Quiet) return;
    if (form_ == Form::Json) {
        BuildEvent event{Kind::Note};
        event.text = text;
        return json(event);
    }
    if (form_ == Form::Terminal) erase_live();
    print(text);
    if (form_ == Form::Terminal) draw_live();
    std::fflush(out_);
}

void BuildPrinter::finish() {
    {
        std::lock_guard guard(mutex_);
        if (finished_) return;
        finished_ = true;
        if (form_ == Form::Terminal) erase_live();
        std::fflush(out_);
    }
    changed_.notify_all();
    if (ticker_.joinable()) ticker_.join();
}

}  // namespace slipway
