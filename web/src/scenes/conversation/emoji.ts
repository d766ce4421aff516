// Emoji that people write most, with words in both languages to find them by.
import type { SentenceKey } from "../../messages/catalogue.ts";

export interface Emoji {
  readonly sign: string;
  /** What it is called, in English and in Russian, the first words first. */
  readonly words: readonly string[];
}

export interface EmojiGroup {
  readonly says: SentenceKey;
  readonly emoji: readonly Emoji[];
}

const faces = `😀 grin smile улыбка радость|😃 smile happy улыбка|😄 laugh happy смех радость|😁 beam grin ухмылка|😅 sweat phew неловко уф|😂 tears joy lol смех слёзы|🤣 rofl laugh хохот|🙂 slight smile улыбка|🙃 upside down наоборот|😉 wink подмигивание|😊 blush smile смущение|😇 angel innocent ангел|🥰 love hearts любовь|😍 heart eyes влюблён|😘 kiss поцелуй|😋 yum tasty вкусно|😜 tongue wink язык|🤪 zany crazy безумный|🤗 hug объятие|🤭 oops giggle ой|🤫 quiet shush тихо|🤔 thinking hmm думаю|🤨 doubt eyebrow сомнение|😐 neutral нейтрально|😶 silent молчание|🙄 eye roll закатил глаза|😏 smirk усмешка|😬 grimace неловко|😌 relieved спокойно|😔 sad pensive грусть|😴 sleep сон|😷 mask ill маска болезнь|🤒 fever ill температура|🤕 hurt bandage больно|🤢 sick nausea тошнит|🥳 party праздник|😎 cool sunglasses круто очки|🤓 nerd умник|😕 confused растерян|😟 worried тревога|🙁 frown грустно|😮 wow surprise удивление|😳 flushed смущён|🥺 please pleading пожалуйста|😢 cry sad плач слеза|😭 sob cry рыдание|😱 scream fear ужас крик|😤 huff злость|😡 angry rage злость|🤬 swear curse ругань|🤯 mind blown взрыв мозга|🥶 cold холод|🥵 hot жара|🤠 cowboy ковбой|🤡 clown клоун|💀 skull dead череп|👻 ghost привидение|👽 alien инопланетянин|🤖 robot робот|😺 cat smile кот`;
const people = `👍 thumbs up yes like да хорошо палец|👎 thumbs down no нет плохо|👌 ok perfect ок|✌️ peace victory победа мир|🤞 luck fingers crossed удача|🤟 love you люблю|🤘 rock рок|👋 wave hello bye привет пока|🤝 handshake deal договор рукопожатие|🙏 thanks please pray спасибо пожалуйста|👏 clap bravo аплодисменты браво|🙌 hooray hands ура|💪 strong muscle сила|👀 eyes look глаза смотрю|🧠 brain мозг|🤷 shrug не знаю|🤦 facepalm рука лицо|🙋 hand up me рука я|🙇 bow sorry поклон прости|💃 dance танец|🏃 run бег|🚶 walk иду|👶 baby ребёнок|👵 grandma бабушка|👴 grandpa дедушка|👨‍👩‍👧 family семья|❤️ heart love сердце любовь|🧡 orange heart сердце|💛 yellow heart сердце|💚 green heart сердце|💙 blue heart сердце|💜 purple heart сердце|🖤 black heart сердце|💔 broken heart разбитое сердце|💯 hundred сто|💥 boom взрыв|💤 zzz sleep сон`;
const nature = `🐶 dog собака|🐱 cat кот|🐭 mouse мышь|🐹 hamster хомяк|🐰 rabbit кролик|🦊 fox лиса|🐻 bear медведь|🐼 panda панда|🐨 koala коала|🦁 lion лев|🐷 pig свинья|🐸 frog лягушка|🐵 monkey обезьяна|🐔 chicken курица|🐧 penguin пингвин|🦉 owl сова|🦄 unicorn единорог|🐝 bee пчела|🦋 butterfly бабочка|🐢 turtle черепаха|🐟 fish рыба|🐳 whale кит|🌲 tree ель дерево|🌳 tree дерево|🌵 cactus кактус|🌷 tulip тюльпан цветок|🌹 rose роза|🌻 sunflower подсолнух|🍀 clover luck клевер удача|🍁 leaf autumn лист осень|🌞 sun солнце|🌙 moon луна|⭐ star звезда|⚡ lightning молния|🔥 fire огонь|🌈 rainbow радуга|☁️ cloud облако|🌧️ rain дождь|❄️ snow снег|🌊 wave sea волна море`;
const food = `☕ coffee tea кофе чай|🍵 tea чай|🍺 beer пиво|🍷 wine вино|🥂 cheers toast тост|🍾 champagne шампанское|🍎 apple яблоко|🍌 banana банан|🍓 strawberry клубника|🍉 watermelon арбуз|🍋 lemon лимон|🍅 tomato помидор|🥑 avocado авокадо|🥕 carrot морковь|🍞 bread хлеб|🧀 cheese сыр|🥚 egg яйцо|🍳 breakfast завтрак|🥞 pancakes блины|🍔 burger бургер|🍟 fries картошка|🍕 pizza пицца|🍝 pasta паста|🍜 noodles soup лапша суп|🍣 sushi суши|🥟 dumpling пельмени|🍰 cake торт|🎂 birthday cake день рождения торт|🍪 cookie печенье|🍫 chocolate шоколад|🍦 ice cream мороженое`;
const things = `🎉 party tada праздник ура|🎁 gift подарок|🎈 balloon шарик|🏆 trophy кубок|🥇 gold first золото|⚽ football мяч футбол|🏀 basketball баскетбол|🎮 game игра|🎲 dice кубик|🎸 guitar гитара|🎵 music note музыка|🎬 film кино|📷 camera фото|📱 phone телефон|💻 laptop ноутбук|⌨️ keyboard клавиатура|🖨️ printer принтер|💡 idea lamp идея лампа|🔋 battery батарея|🔑 key ключ|🔒 lock замок|🔔 bell звонок|📅 calendar календарь|⏰ alarm clock будильник|⏳ wait hourglass жду часы|📌 pin булавка|📎 clip скрепка|✏️ pencil карандаш|📝 note memo заметка|📖 book книга|📦 box parcel посылка|✉️ letter письмо|📈 up chart рост|📉 down chart падение|💰 money деньги|🛒 cart shopping покупки|🚗 car машина|🚌 bus автобус|🚆 train поезд|✈️ plane самолёт|🚲 bicycle велосипед|🚀 rocket ракета|🏠 home дом|🏖️ beach пляж|⛰️ mountain гора|🗺️ map карта`;
const signs = `✅ done yes check готово да|✔️ check галочка|❌ no cross нет крест|❗ important восклицание важно|❓ question вопрос|⚠️ warning внимание|🚫 forbidden нельзя|➕ plus плюс|➖ minus минус|➡️ right вправо|⬅️ left влево|⬆️ up вверх|⬇️ down вниз|🔄 again refresh снова|🆗 ok ок|🆕 new новое|🔴 red красный|🟡 yellow жёлтый|🟢 green зелёный|🔵 blue синий|⚪ white белый|⚫ black чёрный|🏁 finish финиш|🏳️ white flag флаг`;

const read = (list: string): Emoji[] =>
  list.split("|").map((item) => {
    const [sign = "", ...words] = item.split(" ");
    return { sign, words };
  });

export const createEmojiGroups = (): EmojiGroup[] => [
  { says: "emoji_faces", emoji: read(faces) },
  { says: "emoji_people", emoji: read(people) },
  { says: "emoji_nature", emoji: read(nature) },
  { says: "emoji_food", emoji: read(food) },
  { says: "emoji_things", emoji: read(things) },
  { says: "emoji_signs", emoji: read(signs) },
];

const fold = (text: string): string => text.trim().toLocaleLowerCase().replaceAll("ё", "е");

/** Those of which a word begins so. */
export function findEmoji(groups: readonly EmojiGroup[], query: string): Emoji[] {
  const wanted = fold(query).split(/\s+/);
  return groups.flatMap(({ emoji }) =>
    emoji.filter(({ words }) => wanted.every((part) => words.some((word) => fold(word).startsWith(part)))),
  );
}
