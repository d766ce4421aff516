// What is told in the pictures of the page: people, chats and a few days of talk, in English and in Russian.

export interface Line {
  /** Which of the people. */
  by: number;
  /** Days before the day of the pictures. */
  daysAgo: number;
  /** Of that day, where the page is: `9:05`. */
  time: string;
  text: string;
}

export interface StoryChat {
  /** Of a group; a personal chat is called as the other one. */
  title?: string;
  /** Which of the people, the viewer (0) first. */
  members: readonly number[];
  lines: readonly Line[];
  /** How many of the lines the viewer has not read. */
  unread?: number;
  /** How many of the last lines nobody else has read. */
  unseen?: number;
  settings?: { pinned?: boolean; muted?: boolean };
  draft?: string;
}

export interface Story {
  people: readonly string[];
  chats: readonly StoryChat[];
}

const line = (by: number, daysAgo: number, time: string, text: string): Line => ({ by, daysAgo, time, text });

const english: Story = {
  people: [
    "Anna Weber",
    "Boris Keller",
    "Clara Nowak",
    "David Okafor",
    "Emilia Lindqvist",
    "Farid Haddad",
    "Maximiliane-Theodora von Hohenfels-Sternberg of the Northern Lakes",
    "נועה לוי",
  ],
  chats: [
    {
      title: "Lake weekend",
      members: [0, 1, 2, 3, 4],
      unread: 3,
      settings: { pinned: true },
      lines: [
        line(2, 1, "18:02", "The cabin is ours from Friday noon. Five beds, one stove, no neighbours."),
        line(2, 1, "18:03", "Directions: https://example.org/lakes/cabin-17?from=station"),
        line(3, 1, "18:10", "I can take three in the car."),
        line(0, 1, "18:12", "Then I go with you. Boris, you too?"),
        line(1, 1, "18:30", "By train, I still have a meeting until two. I will bring the boat pump."),
        line(4, 1, "21:47", "Tent or bed? I do not mind either."),
        line(
          0,
          0,
          "9:05",
          "Good morning! I made a list: bread, cheese, coffee, matches, something against mosquitoes.",
        ),
        line(0, 0, "9:06", "Who takes the coffee?"),
        line(3, 0, "9:20", "Me. The good one."),
        line(4, 0, "14:58", "It says 24° and no wind on Saturday."),
        line(2, 0, "15:10", "Then we swim before breakfast."),
        line(2, 0, "15:11", "Whoever is last in the water makes the pancakes."),
      ],
    },
    {
      members: [0, 1],
      unseen: 1,
      lines: [
        line(1, 2, "20:14", "Did you find the keys?"),
        line(0, 2, "20:20", "In the coat, of course."),
        line(
          1,
          0,
          "13:02",
          "Can you look at the second page before I send it? The numbers in the table are from March, and I am not sure that they still hold.",
        ),
        line(0, 0, "13:31", "They do. I checked them against the report this morning."),
        line(0, 0, "13:31", "Only the last row is rounded differently."),
        line(1, 0, "13:40", "Thank you. I will mend that row and send it at three."),
        line(1, 0, "13:40", "Coffee afterwards?"),
        line(0, 0, "14:52", "Gladly. Half past three, downstairs."),
      ],
    },
    {
      title: "Design",
      members: [0, 3, 4, 5],
      unread: 12,
      settings: { muted: true },
      lines: [
        ...Array.from({ length: 11 }, (_, n) =>
          line([3, 4, 5][n % 3] ?? 3, 0, `11:${10 + n}`, `Note ${n + 1} on the new list.`),
        ),
        line(5, 0, "12:24", "The second version reads better at small sizes."),
      ],
    },
    {
      members: [0, 4],
      draft: "I will ask at the library whether",
      lines: [line(4, 0, "10:41", "Do you still have the Calvino?")],
    },
    {
      members: [0, 5],
      unread: 1,
      lines: [
        line(0, 1, "16:00", "Is the lift working again?"),
        line(5, 1, "17:20", "Since noon. Third floor only, though."),
      ],
    },
    {
      members: [0, 6],
      lines: [
        line(
          6,
          3,
          "12:00",
          "A very long name, and a sentence beside it that does not fit into its line either.",
        ),
      ],
    },
    {
      members: [0, 7],
      lines: [line(7, 4, "12:00", "שלום! מתי נפגשים מחר?"), line(0, 4, "12:05", "At six, by the fountain.")],
    },
    {
      title: "Neighbours",
      members: [0, 2, 5, 6],
      lines: [line(6, 5, "19:00", "The bicycles can stay in the yard until spring.")],
    },
    { members: [0, 3], lines: [line(0, 9, "8:15", "Happy birthday, David")] },
    { members: [0, 2], lines: [] },
  ],
};

const russian: Story = {
  people: [
    "Анна Соколова",
    "Борис Климов",
    "Вера Орлова",
    "Даниил Ершов",
    "Елена Мартынова",
    "Фарид Гайнутдинов",
    "Александра-Виктория Преображенская-Воскресенская из Верхнего Новгорода",
    "נועה לוי",
  ],
  chats: [
    {
      title: "На озеро",
      members: [0, 1, 2, 3, 4],
      unread: 3,
      settings: { pinned: true },
      lines: [
        line(2, 1, "18:02", "Домик наш с полудня пятницы. Пять кроватей, одна печь, соседей нет."),
        line(2, 1, "18:03", "Как доехать: https://example.org/lakes/cabin-17?from=station"),
        line(3, 1, "18:10", "В машину возьму троих."),
        line(0, 1, "18:12", "Тогда я с тобой. Борис, а ты?"),
        line(1, 1, "18:30", "Я на электричке, у меня совещание до двух. Насос для лодки захвачу."),
        line(4, 1, "21:47", "Палатка или кровать? Мне всё равно."),
        line(0, 0, "9:05", "Доброе утро! Вот список: хлеб, сыр, кофе, спички и что-нибудь от комаров."),
        line(0, 0, "9:06", "Кто берёт кофе?"),
        line(3, 0, "9:20", "Я. Тот самый."),
        line(4, 0, "14:58", "На субботу обещают 24° и без ветра."),
        line(2, 0, "15:10", "Тогда купаемся до завтрака."),
        line(2, 0, "15:11", "Кто последний в воде, тот печёт блины."),
      ],
    },
    {
      members: [0, 1],
      unseen: 1,
      lines: [
        line(1, 2, "20:14", "Ключи нашлись?"),
        line(0, 2, "20:20", "В пальто, конечно."),
        line(
          1,
          0,
          "13:02",
          "Посмотришь вторую страницу, пока я не отправил? Числа в таблице мартовские, и я не уверен, что они ещё верны.",
        ),
        line(0, 0, "13:31", "Верны. Утром сверила с отчётом."),
        line(0, 0, "13:31", "Только последняя строка округлена иначе."),
        line(1, 0, "13:40", "Спасибо. Поправлю и в три отправлю."),
        line(1, 0, "13:40", "Потом кофе?"),
        line(0, 0, "14:52", "С удовольствием. В половине четвёртого внизу."),
      ],
    },
    {
      title: "Дизайн",
      members: [0, 3, 4, 5],
      unread: 12,
      settings: { muted: true },
      lines: [
        ...Array.from({ length: 11 }, (_, n) =>
          line([3, 4, 5][n % 3] ?? 3, 0, `11:${10 + n}`, `Замечание ${n + 1} к новому списку.`),
        ),
        line(5, 0, "12:24", "Второй вариант легче читать в малом размере."),
      ],
    },
    {
      members: [0, 4],
      draft: "Спрошу в библиотеке, нет ли",
      lines: [line(4, 0, "10:41", "Кальвино ещё у тебя?")],
    },
    {
      members: [0, 5],
      unread: 1,
      lines: [
        line(0, 1, "16:00", "Лифт уже работает?"),
        line(5, 1, "17:20", "С полудня. Но только до третьего этажа."),
      ],
    },
    {
      members: [0, 6],
      lines: [
        line(
          6,
          3,
          "12:00",
          "Очень длинное имя, а рядом предложение, которое тоже не помещается в свою строку.",
        ),
      ],
    },
    {
      members: [0, 7],
      lines: [line(7, 4, "12:00", "שלום! מתי נפגשים מחר?"), line(0, 4, "12:05", "В шесть, у фонтана.")],
    },
    {
      title: "Соседи",
      members: [0, 2, 5, 6],
      lines: [line(6, 5, "19:00", "Велосипеды могут стоять во дворе до весны.")],
    },
    { members: [0, 3], lines: [line(0, 9, "8:15", "С днём рождения, Даниил")] },
    { members: [0, 2], lines: [] },
  ],
};

export const stories = { en: english, ru: russian } as const;
