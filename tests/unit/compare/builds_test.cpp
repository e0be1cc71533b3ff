#include "compare/builds.hpp"

#include <filesystem>

#include "common/environment.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/process.hpp"
#include "common/text.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using namespace slipway::compare;

namespace {

struct Place {
    TempDir folder{"builds-test"};
    // Longer than a name in an archive may be without more ado.
    std::string outside = folder.path() + "/" + std::string(120, 'o');
    BuildSite site{folder.path() + "/context",
                   outside,
                   "base",
                   folder.path() + "/store",
                   "n",
                   "the-secret",
                   {},
                   [] { return Started{}; },
                   [](auto&) { return Started{}; }};

    Place() {
        for (const std::string& path : {site.outside, site.store})
            std::filesystem::create_directory(path);
        write_file_atomic(site.outside + "/secret", site.secret);
    }
    std::map<std::string, Cell> all_open() const {
        std::map<std::string, Cell> cells;
        for (const char* row : {"B1", "B2", "B3", "B4", "B5", "B6"})
            cells[row].verdict = Verdict::Open;
        return cells;
    }
    std::string dockerfile() const {
        return read_file(site.context + "/Dockerfile", 4096);
    }
};

Started reporting(const std::string& row, const std::string& proof) {
    Started started;
    started.observed.reports[row] = {"", "open", "", "", proof};
    return started;
}

Started failing(const std::string& output) {
    Started started;
    started.status = {1, 0, false};
    started.observed.output = output;
    return started;
}

}  // namespace

TEST_CASE("compare: a builder that does all it is told opens every row") {
    Place place;
    BuildSite& site = place.site;
    std::string kept;  // what its cache thinks that the file is
    site.build = [&] {
        std::string text = place.dockerfile();
        if (text.find("COPY secret ") != text.npos)
            std::filesystem::copy(site.context + "/secret", site.store + "/1");
        if (text.find("ADD layer.tar") != text.npos)
            write_file_atomic(site.outside + "/climbed", "x");
        if (text.find("COPY out/secret") != text.npos)
            return reporting("B4", read_file(site.context + "/out/secret", 99));
        if (text.find("COPY file") != text.npos) {
            if (kept.empty()) kept = read_file(site.context + "/file", 99);
            return reporting("B5", kept);
        }
        return reporting("F1", site.secret);
    };
    for (const auto& [row, cell] : try_builds(site, place.all_open())) {
        INFO(row << ": " << cell.detail);
        CHECK(cell.verdict == Verdict::Open);
    }
    CHECK_FALSE(std::filesystem::exists(site.outside + "/climbed"));
}

TEST_CASE("compare: a builder that keeps to its context closes the rows") {
    Place place;
    BuildSite& site = place.site;
    site.build = [&] {
        std::string text = place.dockerfile();
        if (text.find("COPY file") != text.npos)
            return reporting("B5", read_file(site.context + "/file", 99));
        if (text.find("rows=F1") != text.npos) return reporting("F1", "");
        if (text.find("COPY secret ") != text.npos) return Started{};
        return failing("why not\n  | the line\n  | ^~~~\n");
    };
    auto cells = try_builds(site, place.all_open());
    for (const char* row : {"B1", "B2", "B3", "B4", "B5", "B6"}) {
        INFO(row << ": " << cells[row].detail);
        CHECK(cells[row].verdict == Verdict::Closed);
    }
    CHECK(cells["B4"].detail == "refused: why not");
}

TEST_CASE("compare: a builder without any answer closes nothing") {
    Place place;
    place.site.build = [] { return failing("no such program"); };
    auto cells = try_builds(place.site, place.all_open());
    for (const auto& [row, cell] : cells) {
        INFO(row);
        CHECK(cell.verdict == Verdict::Error);
    }
}

TEST_CASE("compare: what cannot be done by hand shows nothing of a builder") {
    Place place;
    for (const auto& [row, cell] : try_builds(place.site, {})) {
        INFO(row);
        CHECK(cell.verdict == Verdict::Nothing);
    }
}

TEST_CASE("compare: by hand all of it works, and leaves nothing outside") {
    Place place;
    place.site.run = [](const std::vector<std::string>& words) {
        Started started;
        started.status = start_child(Why{"a test"}, [&] {
                             exec_program(words, clean_environment());
                         }).wait();
        return started;
    };
    std::map<std::string, Cell> rows;
    for (const char* row : {"F1", "P3", "N2"})
        rows[row].verdict = Verdict::Open;
    for (const auto& [row, cell] : by_hand(place.site, rows)) {
        INFO(row << ": " << cell.detail);
        CHECK(cell.verdict == Verdict::Open);
    }
    rows["P3"].verdict = Verdict::Closed;
    CHECK(by_hand(place.site, rows)["B6"].verdict == Verdict::Nothing);
    std::vector<std::string> left;
    for (const auto& entry :
         std::filesystem::directory_iterator(place.site.outside))
        left.push_back(entry.path().filename());
    CHECK(left == std::vector<std::string>{"secret"});
}
