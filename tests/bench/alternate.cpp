// alternate ROUNDS TABLE: times commands against each other, fairly.
//
// TABLE has one command a line: a name, a tab, then words split at blanks.
// Every round runs each command once, in turn, so that a noisy moment hits
// them all alike; only ratios within one run mean anything. Prints the median,
// the 10th and 90th percentile in milliseconds, and the ratio of medians to
// the first row. A command is started with vfork+exec, the cheapest way there
// is, with /dev/null as its standard files. One that fails ends the run.
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

struct Row {
    std::string name;
    std::vector<std::string> words;
    std::vector<double> times;
};

double now_ms() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) * 1e3 +
           static_cast<double>(now.tv_nsec) / 1e6;
}

double run(const Row& row, const posix_spawn_file_actions_t& quiet) {
    std::vector<char*> argv;
    for (const std::string& word : row.words)
        argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    pid_t pid = 0;
    int status = 0;
    double start = now_ms();
    int error =
        posix_spawnp(&pid, argv[0], &quiet, nullptr, argv.data(), environ);
    if (error == 0) waitpid(pid, &status, 0);
    double took = now_ms() - start;
    if (error != 0 || status != 0) {
        fprintf(stderr, "alternate: %s failed (error %d, status %d)\n",
                row.name.c_str(), error, status);
        exit(1);
    }
    return took;
}

double percentile(std::vector<double> times, double part) {
    std::sort(times.begin(), times.end());
    return times[static_cast<std::size_t>(
        part * static_cast<double>(times.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return fprintf(stderr, "usage: alternate ROUNDS TABLE\n"), 2;
    std::vector<Row> rows;
    std::ifstream table(argv[2]);
    for (std::string line; std::getline(table, line);) {
        std::size_t tab = line.find('\t');
        if (tab == std::string::npos) continue;
        std::istringstream words(line.substr(tab + 1));
        Row row{line.substr(0, tab), {}, {}};
        for (std::string word; words >> word;) row.words.push_back(word);
        rows.push_back(row);
    }
    if (rows.empty()) return fprintf(stderr, "alternate: empty table\n"), 2;

    posix_spawn_file_actions_t quiet;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, 0, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_adddup2(&quiet, 0, 1);
    posix_spawn_file_actions_adddup2(&quiet, 0, 2);

    int rounds = atoi(argv[1]);
    for (Row& row : rows) run(row, quiet);  // warm the caches
    for (int round = 0; round < rounds; ++round)
        for (Row& row : rows) row.times.push_back(run(row, quiet));

    double base = percentile(rows[0].times, 0.5);
    printf("%-44s %8s %8s %8s %7s   (%d rounds, ms)\n", "command", "p10",
           "median", "p90", "ratio", rounds);
    for (const Row& row : rows)
        printf("%-44s %8.3f %8.3f %8.3f %6.2fx\n", row.name.c_str(),
               percentile(row.times, 0.1), percentile(row.times, 0.5),
               percentile(row.times, 0.9), percentile(row.times, 0.5) / base);
}
