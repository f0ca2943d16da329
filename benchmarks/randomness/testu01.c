/* A battery of TestU01 over 32-bit words from standard input; prints "p-value<TAB>statistic<TAB>p" for each. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bbattery.h"
#include "swrite.h"
#include "unif01.h"

#define ROOM 65536

static uint32_t words[ROOM];
static size_t used, have;

static unsigned int next_word(void) {
    if (used == have) {
        have = fread(words, sizeof words[0], ROOM, stdin);
        used = 0;
        if (have == 0) {
            fprintf(stderr, "error: the words ended before the battery did\n");
            exit(3);
        }
    }
    return words[used++];
}

int main(int count, char **arguments) {
    if (count != 2 || (strcmp(arguments[1], "small") != 0 && strcmp(arguments[1], "crush") != 0)) {
        fprintf(stderr, "usage: testu01 small|crush < words\n");
        return 2;
    }
    unif01_Gen *source = unif01_CreateExternGenBits("stdin", next_word);
    swrite_Basic = FALSE;
    if (strcmp(arguments[1], "crush") == 0)
        bbattery_Crush(source);
    else
        bbattery_SmallCrush(source);
    for (int i = 0; i < bbattery_NTests; i++)
        printf("p-value\t%s\t%.17g\n", bbattery_TestNames[i], bbattery_pVal[i]);
    unif01_DeleteExternGenBits(source);
    return 0;
}
