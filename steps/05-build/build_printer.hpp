// How a build looks while it runs.
//
//   Terminal   a live list: what runs, for how long, its last lines
//   Plain      line by line: "#3 [build 2/5] RUN make", "#3 0.41 cc -c x.c"
//   Json       an object a line
//   Quiet      nothing, but for the last lines of a step that failed
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "05-build/build_events.hpp"

namespace slipway {

class BuildPrinter {
  public:
    enum class Form { Terminal, Plain, Json, Quiet };
    /// "auto", "plain", "tty", "json" or "rawjson", "quiet". Throws
    /// InvalidArgument.
    static Form form_of(const std::string& word, FILE* out);

    /// `explain`: say also why steps are not cached.
    BuildPrinter(FILE* out, Form form, bool explain);
    BuildPrinter(const BuildPrinter&) = delete;
    BuildPrinter& operator=(const BuildPrinter&) = delete;
    ~BuildPrinter();

    Form form() const { return form_; }
    /// Valid as long as this lives.
    BuildProgress sink();
    /// A sentence of its own: a warning.
    void note(const std::string& text);
    /// Nothing comes any more: the live list becomes text.
    void finish();

  private:
    using Clock = std::chrono::steady_clock;
    struct Step {
        std::string title;
        Clock::time_point begin;
        std::string partial;            // the last line, as far as it came
        std::deque<std::string> lines;  // the last ones
        std::string why;
        bool cached = false;
    };

    void take(const BuildEvent& event);
    void print(const std::string& line);
    void plain(const BuildEvent& event, Step& step);
    void quiet(const BuildEvent& event, Step& step);
    void json(const BuildEvent& event);
    void live(const BuildEvent& event, Step& step);
    std::vector<std::string> take_lines(Step& step, const std::string& bytes);
    void erase_live();
    void draw_live();
    void tick();
    double age(const Step& step) const;

    FILE* out_;
    Form form_;
    bool explain_;
    Clock::time_point begin_ = Clock::now();
    std::mutex mutex_;
    std::map<std::size_t, Step> steps_;  // that run
    std::size_t drawn_ = 0;              // lines of the live list
    bool finished_ = false;
    std::condition_variable changed_;
    std::thread ticker_;  // last: it uses the others
};

}  // namespace slipway
