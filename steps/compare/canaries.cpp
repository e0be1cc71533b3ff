#include "compare/canaries.hpp"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "compare/host_facts.hpp"
#include "compare/listeners.hpp"

namespace slipway::compare {
namespace {

constexpr std::size_t page_size = 4096;

long keyctl_call(int operation, const char* name) {
    // ledger: passed to act() by name
    return ::syscall(SYS_keyctl, operation, name);
}

std::string hexadecimal(const unsigned char* bytes, std::size_t count) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += digits[bytes[i] >> 4];
        text += digits[bytes[i] & 15];
    }
    return text;
}

}  // namespace

std::string random_name() {
    std::array<unsigned char, 6> bytes{};
    check(::getrandom(bytes.data(), bytes.size(), 0), "getrandom");
    return hexadecimal(bytes.data(), bytes.size());
}

void remove_names(const Names& names) {
    ::mq_unlink(names.queue().c_str());
    ::shm_unlink(cat("/", names.shared_file()).c_str());
}

Canaries::Canaries(Names names, const std::string& folder,
                   const std::string& probe)
    : names_(std::move(names)), secret_(cat("secret-", random_name())) {
    plan("nonce", names_.nonce);
    plant_names();
    plant_files(folder);
    plant_process(probe);
    plant_hoarder(probe);
    plant_ipc();
    plant_network();
    describe_machine();
}

Canaries::~Canaries() {
    if (attached_) ::shmdt(attached_);
    remove_names(names_);
}

void Canaries::plan(const std::string& name, const std::string& value) {
    if (!value.empty()) plan_.push_back(cat(name, "=", value));
}

// The caller's namespaces are its own: nobody else has this name or this mount.
void Canaries::plant_names() {
    std::string host = names_.host();
    act(Why{"a name that a container may see, or change, without harm"},
        "sethostname", ::sethostname, host, host.size());
    plan("hostname", host);
    plan("new-name", names_.new_host());
}

void Canaries::plant_files(const std::string& folder) {
    std::string file = folder + "/canary";
    write_file_atomic(file, secret_, 0600, ToDisk::Later);
    plan("file", file);
    check(::mkdir((folder + "/leak").c_str(), 0755), "mkdir ", folder, "/leak");
    write_file_atomic(folder + "/leak/secret", secret_, 0600, ToDisk::Later);
    leaked_ = UniqueFd(check(
        ::open((folder + "/leak").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
        "open ", folder, "/leak"));

    std::string place = folder + "/mount";
    check(::mkdir(place.c_str(), 0755), "mkdir ", place);
    act(Why{"a mount of the host, to be seen or not"}, "mount", ::mount,
        names_.mount(), place, "tmpfs", 0UL, "size=4k");
    plan("mount", names_.mount());
    plan("inside", names_.mount_inside());

    struct {
        unsigned bytes = 128;
        int type = 0;
        unsigned char data[128] = {};
    } handle;  // struct file_handle, with room for its last member
    int mount_id = 0;
    if (::name_to_handle_at(AT_FDCWD, file.c_str(),
                            reinterpret_cast<file_handle*>(&handle), &mount_id,
                            0) == 0) {
        plan("handle", hexadecimal(handle.data, handle.bytes));
        plan("handle-type", std::to_string(handle.type));
    }
    if (dev_t disk = readable_disk(file); disk != 0) {
        plan("disk-major", std::to_string(major(disk)));
        plan("disk-minor", std::to_string(minor(disk)));
    }
}

void Canaries::plant_process(const std::string& probe) {
    int input[2], output[2];
    check(::pipe2(input, O_CLOEXEC), "pipe");
    UniqueFd its_input(input[0]);
    process_input_ = UniqueFd(input[1]);
    check(::pipe2(output, O_CLOEXEC), "pipe");
    process_said_ = UniqueFd(output[0]);
    UniqueFd its_output(output[1]);
    process_.emplace(start_child(Why{"the process that containers hunt"}, [&] {
        check(::dup2(its_input.get(), 0), "dup2");
        check(::dup2(its_output.get(), 1), "dup2");
        exec_file(probe, {names_.process(), "canary"}, {secret_});
    }));
    write_all(process_input_.get(), secret_);
    std::array<char, 64> address{};
    check(::read(process_said_.get(), address.data(), address.size() - 1),
          "read the canary's address");
    plan("pid", std::to_string(process_->pid()));
    plan("process", names_.process());
    plan("address",
         std::string(address.data(), std::strcspn(address.data(), "\n")));
    check(::fcntl(process_said_.get(), F_SETFL, O_NONBLOCK), "fcntl");
}

// A user whom nobody is loses nothing by it. It ends with us: die_with_parent.
void Canaries::plant_hoarder(const std::string& probe) {
    // One for each run: two at once must not share theirs.
    std::string user = cat(1'700'000'000 + ::getpid());
    int output[2];
    check(::pipe2(output, O_CLOEXEC), "pipe");
    UniqueFd said(output[0]), its_output(output[1]);
    hoarder_.emplace(
        start_child(Why{"who uses up what the kernel has for one user"}, [&] {
            check(::dup2(its_output.get(), 1), "dup2");
            exec_file(probe, {names_.process(), "hoard", user}, {});
        }));
    its_output.reset();
    char answer = 0;
    constexpr int longest = 5000;  // ms: another probe may know nothing of it
    pollfd ready{said.get(), POLLIN, 0};
    if (::poll(&ready, 1, longest) == 1 &&
        ::read(said.get(), &answer, 1) == 1 && answer == 'y')
        plan("full-user", user);
}

void Canaries::plant_ipc() {
    memory_ =
        check(::shmget(IPC_PRIVATE, page_size, IPC_CREAT | 0600), "shmget");
    attached_ = ::shmat(memory_, nullptr, 0);
    // Gone with the last who has it attached: nothing to be forgotten.
    ::shmctl(memory_, IPC_RMID, nullptr);
    std::memcpy(attached_, secret_.c_str(), secret_.size() + 1);
    plan("shm", std::to_string(memory_));

    mq_attr attributes{};
    attributes.mq_maxmsg = 8;
    attributes.mq_msgsize = 64;
    queue_ =
        UniqueFd(::mq_open(names_.queue().c_str(),
                           O_RDONLY | O_CREAT | O_EXCL | O_NONBLOCK | O_CLOEXEC,
                           0600, &attributes));
    if (queue_) plan("queue", names_.queue());

    UniqueFd shared(::shm_open(names_.shared_file().c_str(),
                               O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (shared) {
        write_all(shared.get(), secret_);
        plan("shared", names_.shared_file());
    }
    if (try_act(Why{"a session whose keys are ours to plant"}, "keyctl",
                keyctl_call, shown(KEYCTL_JOIN_SESSION_KEYRING, "JOIN"),
                nullptr) >= 0 &&
        ::syscall(SYS_add_key, "user", names_.key().c_str(), secret_.c_str(),
                  secret_.size(), KEY_SPEC_SESSION_KEYRING) >= 0)
        plan("key", names_.key());
}

void Canaries::plant_network() {
    abstract_ = listen_abstract(names_.socket());
    plan("socket", names_.socket());
    loopback_ = listen_tcp("127.0.0.1");
    plan("port", std::to_string(port_of(loopback_.get())));
    if (std::string address = host_address(); !address.empty()) {
        outside_ = listen_tcp(address);
        plan("address-ip", address);
        plan("address-port", std::to_string(port_of(outside_.get())));
    }
    if (HostLink link = host_link(); !link.name.empty()) {
        plan("link", link.name);
        plan("mac", link.mac);
    }
}

void Canaries::describe_machine() {
    utsname name{};
    ::uname(&name);
    plan("release", name.release);
    plan("memory-total", std::to_string(memory_total()));
    plan("boot-seconds", std::to_string(boot_seconds()));
    plan("capabilities", std::to_string(capability_count()));
    plan("ns-pid", std::to_string(namespace_number("/proc/self/ns/pid")));
    plan("ns-uts-machine", std::to_string(namespace_number("/proc/1/ns/uts")));
}

void Canaries::add_to(std::vector<pollfd>& list) const {
    for (const UniqueFd* fd :
         {&abstract_, &loopback_, &outside_, &process_said_})
        if (*fd) list.push_back({fd->get(), POLLIN, 0});
}

void Canaries::take_events(std::set<std::string>& traces) {
    if (give_secret(abstract_.get(), secret_)) traces.insert("I3");
    if (give_secret(loopback_.get(), secret_)) traces.insert("N2");
    if (outside_ && give_secret(outside_.get(), secret_)) traces.insert("N5");
    std::array<char, 256> said{};
    if (::read(process_said_.get(), said.data(), said.size()) > 0)
        traces.insert("P3");
}

void Canaries::look_round(std::set<std::string>& traces) {
    pollfd end{process_->pidfd(), POLLIN, 0};
    if (::poll(&end, 1, 0) != 0)
        throw Error(ErrorKind::System,
                    "the process to be hunted has ended: nothing that is tried "
                    "with it would show anything");
    take_events(traces);
    std::array<char, 64> message{};
    while (queue_ && ::mq_receive(queue_.get(), message.data(), message.size(),
                                  nullptr) >= 0)
        traces.insert("I2");

    utsname name{};
    ::uname(&name);
    if (names_.new_host() == name.nodename) {
        traces.insert("U2");
        std::string host = names_.host();
        act(Why{"a container has changed it: put it back"}, "sethostname",
            ::sethostname, host, host.size());
    }
    for (const std::string& place : mounts_of(names_.mount_inside())) {
        traces.insert("F8");
        act(Why{"a container's mount has come out: take it away"}, "umount2",
            ::umount2, place, shown<int>(MNT_DETACH, "MNT_DETACH"));
    }
}

}  // namespace slipway::compare
