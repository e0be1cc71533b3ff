#include "compare/judge.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/process.hpp"
#include "common/scope_guard.hpp"
#include "common/signals.hpp"
#include "compare/builds.hpp"
#include "compare/canaries.hpp"
#include "compare/host_facts.hpp"
#include "compare/leftovers.hpp"
#include "compare/start.hpp"
#include "compare/verdict.hpp"
#include "compare/workplace.hpp"

namespace slipway::compare {
namespace {

// One measurement: all that a subject needs.
struct Court {
    const Request& request;
    Names names;
    SignalForwarder& signals;
    Canaries& canaries;
    Workplace& place;
    std::string outside = {};  ///< a folder that no build may reach
    std::string near_secret = cat("near-", random_name());
    std::map<std::string, Verdict> host = {};
    std::map<std::string, Cell> builds_by_hand = {};

    std::string mark() const { return cat("@@", names.nonce, " "); }
    std::string near_mark() const { return cat("near-", names.nonce); }
};

void tell(const Request& request, const std::string& what) {
    if (request.progress) request.progress(what);
}

// A second machine would be a second boot.
bool stays_alone(const Subject& subject) {
    return subject.alone || subject.ground == Ground::Machine;
}

// Builders are led to theirs in another way: take_builds().
bool is_tried(const Row& row, const Subject& subject) {
    if (row.is_of_builder()) return false;
    if (row.is_of_neighbour()) return !stays_alone(subject);
    bool whole = subject.kind != "only" && subject.kind != "without";
    return whole || !row.takes_long || subject.has_groups ||
           subject.name == "6-without-limits";
}

std::vector<std::string> probe_words(const Court& court,
                                     const Subject& subject) {
    std::vector<std::string> words = {"run"};
    for (const std::string& word : court.canaries.plan()) words.push_back(word);
    if (subject.ground == Ground::Host) {
        words.push_back("scratch=" + court.place.rootfs() + "/tmp");
        words.push_back("image=" + court.place.host_image());
        words.push_back("set-uid=" + court.place.rootfs() + "/probe-setuid");
    }
    std::string skipped;
    for (const Row& row : all_rows())
        if (!is_tried(row, subject)) skipped += cat(row.id, ",");
    if (!skipped.empty()) words.push_back("skip=" + skipped);
    return words;
}

// A program that cannot run two at once has all other rows.
struct Beside {
    std::optional<Neighbour> neighbour = {};
    std::string why_not = {};

    bool lives() const { return neighbour && neighbour->lives(); }
};

void start_neighbour(Court& court, const Subject& subject, Beside& beside) {
    std::vector<std::string> words = {"neighbour", "nonce=" + court.names.nonce,
                                      "near-secret=" + court.near_secret,
                                      "near-mark=" + court.near_mark()};
    if (subject.ground == Ground::Host)
        words.push_back("near-folder=" + court.place.host_image());
    try {
        beside.neighbour.emplace(
            court.place.prepare(subject, words, Purpose::Timing),
            court.canaries.leaked_folder(), court.mark(), court.signals);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::Cancelled) throw;
        beside.why_not = error.message();
    }
}

// The probe without any row: what a start costs, and whether what an earlier
// start wrote into the image is there.
std::vector<std::string> idle_words(const Court& court) {
    return {"run", "nonce=" + court.names.nonce, "rows=none"};
}

std::string what_it_said(const Started& started) {
    std::string last = last_line(started.observed.output);
    if (started.observed.timed_out) return "it did not end";
    return cat(started.status.text(), last.empty() ? "" : ": ", last);
}

std::string shown_command(const Subject& subject) {
    std::string text = join(subject.words, " ");
    for (const Edit& edit : subject.edits)
        text += cat("; config.json ", edit.pointer,
                    edit.value.empty() ? " taken out" : " changed");
    return text;
}

bool keeps_images(Ground ground) {
    return ground == Ground::Image || ground == Ground::UserImage ||
           ground == Ground::Dockerfile || ground == Ground::Docker ||
           ground == Ground::Podman;
}

BuildSite site_of(Court& court, const Subject& subject) {
    BuildSite site{court.place.context(),
                   court.outside,
                   court.place.base(subject.ground),
                   court.place.layers(subject.ground),
                   court.names.nonce,
                   court.canaries.secret(),
                   court.canaries.plan(),
                   {},
                   {}};
    // Two builders may share a store: what one has built, the other must not
    // find there.
    site.plan.push_back("builder=" + subject.name);
    site.build = [&court, &subject] {
        return start(court.place.prepare_build(subject), &court.canaries,
                     court.mark(), court.signals);
    };
    site.run = [&court](const std::vector<std::string>& words) {
        return start({words, clean_environment()}, &court.canaries,
                     court.mark(), court.signals);
    };
    return site;
}

void take_builds(Court& court, const Subject& subject, Column& column) {
    std::map<std::string, Cell> cells;
    if (subject.ground == Ground::Host)
        cells = court.builds_by_hand =
            by_hand(site_of(court, subject), column.cells);
    else if (!subject.build.empty())
        cells = try_builds(site_of(court, subject), court.builds_by_hand);
    column.cells.merge(cells);
}

void take_rows(Court& court, const Subject& subject, const Observed& observed,
               Column& column) {
    for (const Row& row : all_rows()) {
        if (!is_tried(row, subject)) continue;
        std::string id(row.id);
        auto host = court.host.find(id);
        column.cells[id] = judge(
            row, observed,
            row.is_of_neighbour() ? court.near_secret : court.canaries.secret(),
            host == court.host.end() ? std::nullopt
                                     : std::optional<Verdict>(host->second),
            subject.ground == Ground::Machine);
    }
}

Column try_subject(Court& court, const Subject& subject) {
    Column column{subject.name,
                  subject.title,
                  subject.kind,
                  shown_command(subject),
                  "",
                  {},
                  {}};
    tell(court.request, subject.title);
    try {
        court.place.make_ready(subject);
        std::vector<std::string> words = probe_words(court, subject);
        Beside beside;
        if (!stays_alone(subject)) start_neighbour(court, subject, beside);
        if (auto& neighbour = beside.neighbour) {
            words.push_back("near-mark=" + court.near_mark());
            words.insert(words.end(), neighbour->plan().begin(),
                         neighbour->plan().end());
        }
        Command command = court.place.prepare(subject, words, Purpose::Rows);
        Started started =
            start(command, &court.canaries, court.mark(), court.signals,
                  beside.neighbour ? &*beside.neighbour : nullptr);
        if (beside.neighbour && !beside.lives())
            beside.why_not = "the other container has ended meanwhile";
        beside.neighbour.reset();
        if (court.place.take_mark(subject))
            started.observed.traces.insert("F10");
        if (started.observed.reports.empty()) {
            column.failure = what_it_said(started);
            return column;
        }
        if (keeps_images(subject.ground)) {
            Started again =
                start(court.place.prepare(subject, idle_words(court),
                                          Purpose::Timing),
                      &court.canaries, court.mark(), court.signals);
            started.observed.traces.merge(again.observed.traces);
            if (!again.observed.finished) started.observed.reports.erase("F10");
        }
        take_rows(court, subject, started.observed, column);
        if (!beside.why_not.empty())
            for (auto& [id, cell] : column.cells)
                if (find_row(id)->is_of_neighbour())
                    cell = {Verdict::Error, "", "", "", beside.why_not};
        take_builds(court, subject, column);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::Cancelled) throw;
        column.failure = error.message();
    }
    return column;
}

void time_start(Court& court, const Subject& subject, Costs& costs) {
    Started started =
        start(court.place.prepare(subject, idle_words(court), Purpose::Timing),
              &court.canaries, court.mark(), court.signals);
    if (!started.observed.finished) return;  // no start: nothing to be timed
    costs.milliseconds.push_back(started.milliseconds);
    costs.kibibytes.push_back(started.kibibytes);
}

// A canary that somebody has taken away meanwhile, an administrator or one of
// the subjects, would make all that came after it look closed.
// Only canaries: what the kernel allows, subjects may change by right. On
// version 2 a controller that they use cannot be mounted any more (C9).
void try_host_again(Court& court, Matrix& matrix) {
    Subject host = court.request.subjects.front();
    host.kind = "only";  // its bounds were shown: nothing to be taken away
    host.title = "the host once more";
    Column again = try_subject(court, host);
    for (const auto& [id, cell] : again.cells) {
        const Row& row = *find_row(id);
        if ((!row.wants_proof && !row.leaves_trace) ||
            court.host[id] != Verdict::Open || cell.verdict == Verdict::Open)
            continue;
        for (Column& column : matrix.columns) {
            auto found = column.cells.find(id);
            if (found == column.cells.end() ||
                found->second.verdict != Verdict::Closed)
                continue;
            found->second.verdict = Verdict::Error;
            found->second.note =
                "at the end it did not work on the host either";
        }
    }
}

// Interleaved, so that what else the machine does falls on all of them. Where
// it does much, there are fewer rounds: nobody should wait for a minute.
void time_starts(Court& court, Matrix& matrix) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::seconds enough{25};
    constexpr double slow = 200;  // ms: two of them will do
    Clock::time_point deadline = Clock::now() + enough;
    for (int round = 0; round < court.request.rounds; ++round) {
        tell(court.request, cat("starting times, round ", round + 1, " of ",
                                court.request.rounds));
        for (const Subject& subject : court.request.subjects) {
            if (Clock::now() > deadline) return;
            if (subject.ground == Ground::Dockerfile) continue;  // no start
            for (Column& column : matrix.columns)
                if (column.name == subject.name && column.failure.empty() &&
                    (round < 2 || median(column.costs.milliseconds) < slow))
                    time_start(court, subject, column.costs);
        }
    }
}

//@ begin own-namespaces
// The subjects' host is the machine, but for two things that are ours to lose:
// a table of mounts, shared with what we start as on an ordinary host and with
// nobody else, and a name. Both end with us.
void enter_own_namespaces() {
    act(Why{"mounts and a name that containers may change without harm"},
        "unshare", ::unshare,
        shown(CLONE_NEWNS | CLONE_NEWUTS, "CLONE_NEWNS|CLONE_NEWUTS"));
    act(Why{"nothing of ours goes out to the machine"}, "mount", ::mount,
        "none", "/", nullptr,
        shown<unsigned long>(MS_REC | MS_SLAVE, "MS_REC|MS_SLAVE"), nullptr);
    act(Why{"what subjects mount comes out to us, as on a usual host"}, "mount",
        ::mount, "none", "/", nullptr,
        shown<unsigned long>(MS_REC | MS_SHARED, "MS_REC|MS_SHARED"), nullptr);
}
//@ end own-namespaces

Matrix hold_court(const Request& request, const std::string& folder,
                  const Names& names, SignalForwarder& signals) {
    auto begun = std::chrono::steady_clock::now();
    enter_own_namespaces();
    // Some engines drop files where they are started.
    check(::chdir(folder.c_str()), "chdir ", folder);
    std::optional<Canaries> canaries;
    Workplace place(
        folder, request.bin, request.probe, names.nonce, request.kernel,
        [&](const Command& command) {
            Started started =
                start(command, canaries ? &*canaries : nullptr, "@@", signals);
            if (!started.status.ok())
                throw Error(ErrorKind::System,
                            cat(command.words[0], ": ", what_it_said(started)));
            return started.observed.output;
        });
    std::string plants = folder + "/plants";
    check(::mkdir(plants.c_str(), 0755), "mkdir ", plants);
    ScopeGuard unmount([&] {
        try_act(Why{"or its folder could not be removed"}, "umount2", ::umount2,
                plants + "/mount", shown<int>(MNT_DETACH, "MNT_DETACH"));
    });
    canaries.emplace(names, plants, place.probe());
    Court court{request, names, signals, *canaries, place};
    court.outside = plants + "/outside";
    check(::mkdir(court.outside.c_str(), 0755), "mkdir ", court.outside);
    write_file_atomic(court.outside + "/secret", canaries->secret(), 0644,
                      ToDisk::Later);

    Matrix matrix{describe_host(), 0, {}};
    for (const Subject& subject : request.subjects) {
        matrix.columns.push_back(try_subject(court, subject));
        if (subject.ground == Ground::Host)
            for (const auto& [id, cell] : matrix.columns.back().cells)
                court.host[id] = cell.verdict;
    }
    if (request.subjects.size() > 1) try_host_again(court, matrix);
    time_starts(court, matrix);
    matrix.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begun)
            .count();
    return matrix;
}

void be_subreaper() {
    check(::prctl(PR_SET_CHILD_SUBREAPER, 1), "prctl PR_SET_CHILD_SUBREAPER");
}

void end(const std::string& folder, const Names& names) {
    end_children({});
    sweep(folder, names);
}

Matrix matrix_in(int file) {
    check(::lseek(file, 0, SEEK_SET), "lseek");
    constexpr std::size_t largest_matrix = 16 << 20;
    std::string text = read_all(file, largest_matrix);
    if (text.empty()) throw Error(ErrorKind::Cancelled, "the judge was killed");
    return from_json(text);
}

}  // namespace

//@ begin measure
// Two processes: the judge, and we, who wait. Whoever of them is killed, the
// other one cleans up: the judge is told of our end by a signal, we of its by
// waiting. What subjects leave behind becomes the child of the one that lives.
// Are both killed, the next run cleans up.
Matrix measure(const Request& request) {
    if (::geteuid() != 0)
        throw Error(ErrorKind::Forbidden, "comparing takes root's rights")
            .advise("the host is compared as root sees it: sudo compare …");
    TempDir made("compare");
    // Tables of mounts know no symlinks.
    std::string folder = std::filesystem::canonical(made.path());
    Names names{random_name()};
    UniqueFd claim = take_over(folder, names);
    UniqueFd result(
        check(::memfd_create("matrix", MFD_CLOEXEC), "memfd_create"));
    be_subreaper();
    ScopeGuard clean_up([&] { end(folder, names); });
    pid_t program = ::getpid();
    start_child(Why{"the judge, in namespaces of its own"}, [&] {
        SignalForwarder signals;  // before: it is to be told, not killed
        check(::prctl(PR_SET_PDEATHSIG, SIGTERM), "prctl PR_SET_PDEATHSIG");
        be_subreaper();
        ScopeGuard also_here([&] { end(folder, names); });
        if (::getppid() != program) return;  // killed before prctl
        write_all(result.get(),
                  to_json(hold_court(request, folder, names, signals)));
    }).wait();
    return matrix_in(result.get());
}
//@ end measure

}  // namespace slipway::compare
