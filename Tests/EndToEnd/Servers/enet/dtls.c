/* DTLS 1.2 by OpenSSL before a game server that has none: opens players' records, hands what is in them to the server
 * on 127.0.0.1 from a socket of each player's own, and seals what comes back, a record for each datagram.
 *
 *   dtls SERVER_PORT CERTIFICATE KEY [HOST [PORT]]
 *
 * The certificate's file may hold a chain. As Godot's server it answers a first ClientHello with HelloVerifyRequest, asks
 * for no certificate, and sends each flight in one datagram. Listens on HOST, 127.0.0.1 or ::1, prints `LISTENING port`
 * and one JSON line for each handshake and each end. Runs until its standard input ends. */
#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PLAYERS = 32, LARGEST = 17 * 1024 };

struct player {
    SSL *ssl;
    int server;
    int is_up;
    struct sockaddr_storage address;
    socklen_t address_length;
};

static struct player players[PLAYERS];
static int listener;
static unsigned char secret[32];

/* The cookie names the address, as nothing else does that the player cannot choose. */
static int make_cookie(SSL *ssl, unsigned char *cookie, unsigned int *length)
{
    struct player *player = SSL_get_app_data(ssl);
    unsigned char bytes[sizeof secret + sizeof player->address] = { 0 };
    memcpy(bytes, secret, sizeof secret);
    memcpy(bytes + sizeof secret, &player->address, player->address_length);
    SHA256(bytes, sizeof bytes, cookie);
    *length = SHA256_DIGEST_LENGTH;
    return 1;
}

static int check_cookie(SSL *ssl, const unsigned char *cookie, unsigned int length)
{
    unsigned char expected[SHA256_DIGEST_LENGTH];
    unsigned int expected_length;
    make_cookie(ssl, expected, &expected_length);
    return length == expected_length && memcmp(cookie, expected, length) == 0;
}

static int udp_socket(const char *host, int port, int connects)
{
    struct sockaddr_in6 six = { .sin6_family = AF_INET6, .sin6_port = htons((unsigned short)port) };
    struct sockaddr_in four = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
    int is_six = inet_pton(AF_INET6, host, &six.sin6_addr) == 1;
    if (!is_six && inet_pton(AF_INET, host, &four.sin_addr) != 1) return -1;
    struct sockaddr *address = is_six ? (struct sockaddr *)&six : (struct sockaddr *)&four;
    socklen_t length = is_six ? sizeof six : sizeof four;
    int descriptor = socket(address->sa_family, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    int result = connects ? connect(descriptor, address, length) : bind(descriptor, address, length);
    return result == 0 ? descriptor : -1;
}

static int own_port(int descriptor)
{
    struct sockaddr_in6 address;
    socklen_t length = sizeof address;
    getsockname(descriptor, (struct sockaddr *)&address, &length);
    return ntohs(address.sin6_port); /* It has the same place in both families. */
}

/* What the library wrote since the last call, as one datagram. */
static void write_out(struct player *player)
{
    static unsigned char bytes[2 * LARGEST];
    int length = BIO_read(SSL_get_wbio(player->ssl), bytes, sizeof bytes);
    if (length > 0)
        sendto(listener, bytes, (size_t)length, 0, (struct sockaddr *)&player->address, player->address_length);
}

static void forget(struct player *player, const char *why)
{
    printf("{\"event\":\"dtls_ended\",\"how\":\"%s\"}\n", why);
    SSL_free(player->ssl);
    close(player->server);
    memset(player, 0, sizeof *player);
}

static struct player *player_at(SSL_CTX *context, struct sockaddr_storage *address, socklen_t length, int server_port)
{
    struct player *unused = NULL;
    for (struct player *player = players; player < players + PLAYERS; player++) {
        if (!player->ssl) unused = player;
        else if (player->address_length == length && memcmp(&player->address, address, length) == 0) return player;
    }
    if (!unused) return NULL;
    unused->ssl = SSL_new(context);
    unused->server = udp_socket("127.0.0.1", server_port, 1);
    unused->address = *address;
    unused->address_length = length;
    SSL_set_app_data(unused->ssl, unused);
    SSL_set_bio(unused->ssl, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    DTLS_set_link_mtu(unused->ssl, LARGEST);
    SSL_set_accept_state(unused->ssl);
    return unused;
}

static void read_player(struct player *player, const unsigned char *bytes, int length)
{
    static unsigned char plain[LARGEST];
    ERR_clear_error();
    BIO_write(SSL_get_rbio(player->ssl), bytes, length);
    int count;
    while ((count = SSL_read(player->ssl, plain, sizeof plain)) > 0) send(player->server, plain, (size_t)count, 0);
    int error = SSL_get_error(player->ssl, count);
    if (!player->is_up && SSL_is_init_finished(player->ssl)) {
        player->is_up = 1;
        const char *name = SSL_get_servername(player->ssl, TLSEXT_NAMETYPE_host_name);
        printf("{\"event\":\"dtls_up\",\"suite\":\"%s\",\"name\":\"%s\"}\n", SSL_get_cipher(player->ssl), name ? name : "");
    }
    write_out(player);
    if (error == SSL_ERROR_ZERO_RETURN) forget(player, "close_notify");
    else if (error != SSL_ERROR_WANT_READ) forget(player, ERR_reason_error_string(ERR_peek_last_error()));
}

static void read_listener(SSL_CTX *context, int server_port)
{
    static unsigned char bytes[LARGEST];
    struct sockaddr_storage address;
    memset(&address, 0, sizeof address);
    socklen_t length = sizeof address;
    ssize_t count;
    while ((count = recvfrom(listener, bytes, sizeof bytes, 0, (struct sockaddr *)&address, &length)) >= 0) {
        struct player *player = player_at(context, &address, length, server_port);
        if (player) read_player(player, bytes, (int)count);
        length = sizeof address;
    }
}

static void read_server(struct player *player)
{
    unsigned char bytes[LARGEST];
    ssize_t count;
    while (player->ssl && (count = recv(player->server, bytes, sizeof bytes, 0)) > 0) {
        SSL_write(player->ssl, bytes, (int)count);
        write_out(player);
    }
}

static SSL_CTX *make_context(const char *certificate, const char *key)
{
    SSL_CTX *context = SSL_CTX_new(DTLS_server_method());
    SSL_CTX_set_options(context, SSL_OP_COOKIE_EXCHANGE | SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_cookie_generate_cb(context, make_cookie);
    SSL_CTX_set_cookie_verify_cb(context, check_cookie);
    if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1) return NULL;
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) return NULL;
    return context;
}

int main(int count, char **arguments)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (count < 4 || RAND_bytes(secret, sizeof secret) != 1) return 2;
    int server_port = atoi(arguments[1]);
    SSL_CTX *context = make_context(arguments[2], arguments[3]);
    listener = udp_socket(count > 4 ? arguments[4] : "127.0.0.1", count > 5 ? atoi(arguments[5]) : 0, 0);
    if (!context || listener < 0) {
        fprintf(stderr, "cannot use the certificate, or cannot listen\n");
        return 1;
    }
    printf("LISTENING %d\n", own_port(listener));
    for (;;) {
        struct pollfd polled[PLAYERS + 2] = { { .fd = 0, .events = POLLIN }, { .fd = listener, .events = POLLIN } };
        for (int i = 0; i < PLAYERS; i++)
            polled[i + 2] = (struct pollfd){ .fd = players[i].ssl ? players[i].server : -1, .events = POLLIN };
        poll(polled, PLAYERS + 2, 20);
        char byte;
        if (polled[0].revents && read(0, &byte, 1) != 1) return 0;
        read_listener(context, server_port);
        for (struct player *player = players; player < players + PLAYERS; player++) {
            if (!player->ssl) continue;
            read_server(player);
            if (DTLSv1_handle_timeout(player->ssl) != 0) write_out(player);
        }
    }
}
