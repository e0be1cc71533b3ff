#include "compare/builds.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"
#include "compare/tar.hpp"

namespace slipway::compare {
namespace {

constexpr std::size_t largest_file = 1 << 20;

void put(const BuildSite& site, const std::string& name,
         std::string_view content) {
    write_file_atomic(cat(site.context, "/", name), content, 0644,
                      ToDisk::Later);
}

// "RUN" and the probe with these words.
std::string run_line(const BuildSite& site, std::vector<std::string> words) {
    words.insert(words.begin(), "/probe");
    if (words[1] == "run")
        words.insert(words.end(), site.plan.begin(), site.plan.end());
    return cat("RUN ", nlohmann::json(words).dump(), "\n");
}

void write_dockerfile(const BuildSite& site, const std::string& lines) {
    put(site, "Dockerfile", cat("FROM ", site.base, "\n", lines));
}

// Why it was refused: the last line that is neither a quotation nor its caret.
std::string last_words(const Started& started) {
    if (started.status.ok()) return "";
    constexpr std::size_t most = 200;
    std::string last;
    for (const std::string& line : split(started.observed.output, '\n'))
        if (!line.empty() && line.front() != ' ') last = line;
    return "refused: " + last.substr(0, most);
}

// A build that led nowhere did so by refusing, or by staying inside.
std::string how_it_stayed(const Started& started) {
    return started.status.ok() ? "it stayed in the image" : last_words(started);
}

Cell cell_of(Verdict verdict, std::string attempt, std::string detail) {
    return {verdict, std::move(attempt), "", std::move(detail), ""};
}

bool holds(const std::string& file, const std::string& secret) {
    std::error_code none;
    auto size = std::filesystem::file_size(file, none);
    return !none && size < largest_file &&
           read_file(file, largest_file).find(secret) != std::string::npos;
}

// --- B1 ----------------------------------------------------------------------

constexpr const char* delete_attempt = "COPY secret; RUN unlink(secret)";

Cell deleted_secret(const BuildSite& site) {
    std::string secret = cat("deleted-", site.secret);
    put(site, "secret", secret);
    write_dockerfile(
        site, "COPY secret /secret\n" + run_line(site, {"remove", "/secret"}));
    Started started = site.build();
    if (!started.status.ok())
        return cell_of(Verdict::Error, delete_attempt, last_words(started));
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(site.store))
        if (entry.is_regular_file() && !entry.is_symlink() &&
            holds(entry.path(), secret))
            return cell_of(Verdict::Open, delete_attempt,
                           "a lower layer still has it");
    return cell_of(Verdict::Closed, delete_attempt, "no layer has it");
}

// What layers are without a builder: archives, one above the other.
Cell deleted_by_hand(const BuildSite& site) {
    put(site, "1.tar", tar_entry({"secret", site.secret, '0', ""}) + tar_end());
    put(site, "2.tar", tar_entry({".wh.secret", "", '0', ""}) + tar_end());
    return cell_of(
        holds(site.context + "/1.tar", site.secret) ? Verdict::Open
                                                    : Verdict::Nothing,
        delete_attempt, "two archives: the second deletes, the first has it");
}

// --- B2, B3: archives that lead out ------------------------------------------

constexpr const char* climbing_attempt = "ADD, ../../FILE in the archive";
constexpr const char* link_attempt = "ADD, LINK -> DIR and LINK/FILE in it";

//@ begin archives
std::string climbing_archive(const BuildSite& site) {
    std::string up = "..";
    for (int i = 0; i < 12; ++i) up += "/..";
    return tar_entry({up + site.outside + "/climbed", "x", '0', ""}) +
           tar_entry({site.outside + "/absolute", "x", '0', ""}) + tar_end();
}

std::string link_archive(const BuildSite& site) {
    return tar_entry({"link", "", '2', site.outside}) +
           tar_entry({"link/linked", "x", '0', ""}) + tar_end();
}
//@ end archives

bool was_reached(const BuildSite& site) {
    bool reached = false;
    for (const char* name : {"climbed", "absolute", "linked"})
        reached |= std::filesystem::remove(cat(site.outside, "/", name));
    return reached;
}

Cell unpacked(const BuildSite& site, const char* attempt,
              const std::string& archive) {
    put(site, "layer.tar", archive);
    write_dockerfile(site, "ADD layer.tar /x/\n");
    Started started = site.build();
    return was_reached(site)
               ? cell_of(Verdict::Open, attempt, "a file of the host was made")
               : cell_of(Verdict::Closed, attempt, how_it_stayed(started));
}

Cell unpacked_by_hand(const BuildSite& site, const char* attempt,
                      const std::string& archive) {
    put(site, "layer.tar", archive);
    site.run({"tar", "-xPf", site.context + "/layer.tar", "-C", site.context});
    return was_reached(site)
               ? cell_of(Verdict::Open, attempt, "by tar -P")
               : cell_of(Verdict::Nothing, attempt, "tar did not do it");
}

// --- B4 ----------------------------------------------------------------------

constexpr const char* outside_attempt = "COPY LINK/FILE, LINK -> DIR outside";

void link_outside(const BuildSite& site) {
    std::filesystem::create_symlink(site.outside, site.context + "/out");
}

Cell copied(const BuildSite& site) {
    link_outside(site);
    write_dockerfile(
        site, "COPY out/secret /built\n" + run_line(site, {"run", "rows=B4"}));
    Started started = site.build();
    auto said = started.observed.reports.find("B4");
    bool has = said != started.observed.reports.end() &&
               said->second.proof == site.secret;
    return has ? cell_of(Verdict::Open, outside_attempt, "it is in the image")
               : cell_of(Verdict::Closed, outside_attempt,
                         how_it_stayed(started));
}

Cell opened_by_hand(const BuildSite& site) {
    link_outside(site);
    bool has = holds(site.context + "/out/secret", site.secret);
    return cell_of(has ? Verdict::Open : Verdict::Nothing, outside_attempt,
                   "by open(LINK/FILE)");
}

// --- B5 ----------------------------------------------------------------------

constexpr const char* stale_attempt = "COPY FILE, changed, its times put back";

//@ begin as-before
// The same name, size and times, whatever is in it.
void put_as_before(const BuildSite& site, const std::string& content) {
    put(site, "file", content);
    const timespec times[2] = {{1'000'000'000, 0}, {1'000'000'000, 0}};
    check(::utimensat(AT_FDCWD, (site.context + "/file").c_str(), times, 0),
          "utimensat");
}
//@ end as-before

Cell stale_cache(const BuildSite& site) {
    std::string proof;
    for (const char* content : {"before", "behind"}) {
        put_as_before(site, content);
        write_dockerfile(site, "COPY file /built\n" +
                                   run_line(site, {"run", "rows=B5",
                                                   cat("turn=", content)}));
        Started started = site.build();
        auto said = started.observed.reports.find("B5");
        if (said == started.observed.reports.end())
            return cell_of(Verdict::Error, stale_attempt, last_words(started));
        proof = said->second.proof;
    }
    return proof == "behind"
               ? cell_of(Verdict::Closed, stale_attempt, "the new one came")
               : cell_of(Verdict::Open, stale_attempt,
                         "the old one came again");
}

Cell compared_by_hand(const BuildSite& site) {
    struct stat before {
    }, after{};
    std::string file = site.context + "/file";
    put_as_before(site, "before");
    check(::stat(file.c_str(), &before), "stat ", file);
    put_as_before(site, "behind");
    check(::stat(file.c_str(), &after), "stat ", file);
    bool alike = before.st_size == after.st_size &&
                 before.st_mtim.tv_sec == after.st_mtim.tv_sec;
    return cell_of(alike ? Verdict::Open : Verdict::Nothing, stale_attempt,
                   "name, size and time are the same");
}

// --- B6 ----------------------------------------------------------------------

constexpr const char* run_attempt = "RUN: open(FILE), kill(PID), connect(PORT)";

Cell reaching_run(const BuildSite& site) {
    write_dockerfile(site, run_line(site, {"run", "rows=F1,P3,N2"}));
    Started started = site.build();
    for (const auto& [row, said] : started.observed.reports)
        if (said.proof == site.secret || started.observed.traces.contains(row))
            return cell_of(Verdict::Open, run_attempt, "by " + row);
    if (started.observed.reports.empty())
        return cell_of(Verdict::Error, run_attempt, last_words(started));
    return cell_of(Verdict::Closed, run_attempt, "it reached none of them");
}

// Any program of the host has tried the same already.
Cell as_program(const std::map<std::string, Cell>& rows) {
    bool open = true;
    for (const char* row : {"F1", "P3", "N2"}) {
        auto found = rows.find(row);
        open &= found != rows.end() && found->second.verdict == Verdict::Open;
    }
    return cell_of(open ? Verdict::Open : Verdict::Nothing, run_attempt,
                   "as any program does");
}

void empty(const std::string& folder) {
    std::error_code none;
    std::filesystem::remove_all(folder, none);
    check(::mkdir(folder.c_str(), 0755), "mkdir ", folder);
}

}  // namespace

std::map<std::string, Cell> try_builds(
    const BuildSite& site, const std::map<std::string, Cell>& host) {
    std::map<std::string, Cell> cells;
    auto keep = [&](const char* row, const std::function<Cell()>& attempt) {
        empty(site.context);
        cells[row] = attempt();
        auto by_hand = host.find(row);
        if (by_hand == host.end() || by_hand->second.verdict != Verdict::Open)
            cells[row].verdict = Verdict::Nothing;
    };
    keep("B1", [&] { return deleted_secret(site); });
    keep("B2", [&] {
        return unpacked(site, climbing_attempt, climbing_archive(site));
    });
    keep("B3",
         [&] { return unpacked(site, link_attempt, link_archive(site)); });
    keep("B4", [&] { return copied(site); });
    keep("B5", [&] { return stale_cache(site); });
    keep("B6", [&] { return reaching_run(site); });
    if (cells["B1"].verdict == Verdict::Error)  // all else was refused, too
        for (auto& [row, cell] : cells)
            if (cell.verdict == Verdict::Closed) cell = cells["B1"];
    return cells;
}

std::map<std::string, Cell> by_hand(const BuildSite& site,
                                    const std::map<std::string, Cell>& rows) {
    std::map<std::string, Cell> cells;
    empty(site.context);
    cells["B1"] = deleted_by_hand(site);
    cells["B2"] =
        unpacked_by_hand(site, climbing_attempt, climbing_archive(site));
    cells["B3"] = unpacked_by_hand(site, link_attempt, link_archive(site));
    cells["B4"] = opened_by_hand(site);
    cells["B5"] = compared_by_hand(site);
    cells["B6"] = as_program(rows);
    return cells;
}

}  // namespace slipway::compare
