<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ru" sourcelanguage="en">
<context>
    <name>Answer</name>
    <message>
        <source>Definitely generated</source>
        <translation>Точно создано</translation>
    </message>
    <message>
        <source>Probably generated</source>
        <translation>Скорее создано</translation>
    </message>
    <message>
        <source>Maybe generated</source>
        <translation>Возможно создано</translation>
    </message>
    <message>
        <source>Maybe real</source>
        <translation>Возможно настоящее</translation>
    </message>
    <message>
        <source>Probably real</source>
        <translation>Скорее настоящее</translation>
    </message>
    <message>
        <source>Definitely real</source>
        <translation>Точно настоящее</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Создано</translation>
    </message>
    <message>
        <source>Real</source>
        <translation>Настоящее</translation>
    </message>
    <message>
        <source>Left is generated</source>
        <translation>Слева создано</translation>
    </message>
    <message>
        <source>Right is generated</source>
        <translation>Справа создано</translation>
    </message>
    <message>
        <source>from definitely generated to definitely real</source>
        <translation>от «точно создано» до «точно настоящее»</translation>
    </message>
</context>
<context>
    <name>Keys</name>
    <message>
        <source>{action}, key {key}</source>
        <extracomment>in narrower buttons the words of a label stand on two lines</extracomment>
        <translation>{action}, клавиша {key}</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Отменить</translation>
    </message>
    <message>
        <source>take back the last answer of this block</source>
        <translation>отменить последний ответ этого блока</translation>
    </message>
    <message>
        <source>Mark</source>
        <translation>Отметить</translation>
    </message>
    <message>
        <source>mark a region and say why</source>
        <translation>отметить область и указать причину</translation>
    </message>
    <message>
        <source>Comment</source>
        <translation>Комментарий</translation>
    </message>
    <message>
        <source>write a comment on this image</source>
        <translation>написать комментарий к изображению</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Пауза</translation>
    </message>
    <message>
        <source>leave; you go on at the same image</source>
        <translation>выйти; вы продолжите с этого же изображения</translation>
    </message>
    <message>
        <source>Keys</source>
        <translation>Клавиши</translation>
    </message>
    <message>
        <source>show or hide this list</source>
        <translation>показать или скрыть этот список</translation>
    </message>
    <message>
        <source>whole image, full grey range</source>
        <translation>всё изображение, полный диапазон серого</translation>
    </message>
    <message>
        <source>exchange black and white</source>
        <translation>поменять чёрное и белое</translation>
    </message>
    <message>
        <source>Cine</source>
        <translation>Кино</translation>
    </message>
    <message>
        <source>play the sequence, or stop it</source>
        <translation>воспроизвести или остановить последовательность</translation>
    </message>
    <message>
        <source>Space</source>
        <extracomment>pressed on the way to another key, they are none themselves</extracomment>
        <translation>Пробел</translation>
    </message>
    <message>
        <source>go on after practice and breaks</source>
        <translation>продолжить после тренировки и перерывов</translation>
    </message>
    <message>
        <source>Drag</source>
        <translation>Перетаскивание</translation>
    </message>
    <message>
        <source>sideways: contrast; up and down: brightness</source>
        <translation>вбок: контраст; вверх и вниз: яркость</translation>
    </message>
    <message>
        <source>Wheel  or  + −</source>
        <translation>Колесо  или  + −</translation>
    </message>
    <message>
        <source>zoom</source>
        <translation>масштаб</translation>
    </message>
    <message>
        <source>Middle button</source>
        <translation>Средняя кнопка</translation>
    </message>
    <message>
        <source>move the image</source>
        <translation>сдвинуть изображение</translation>
    </message>
    <message>
        <source>M, then drag</source>
        <translation>M, затем тянуть</translation>
    </message>
    <message>
        <source>an ellipse; after M once more, a freehand line</source>
        <translation>эллипс; после ещё одного M – свободная линия</translation>
    </message>
    <message>
        <source>M, then arrow keys</source>
        <translation>M, затем стрелки</translation>
    </message>
    <message>
        <source>move an ellipse; with Shift change its size; Enter takes it</source>
        <translation>двигать эллипс; с Shift менять размер; Enter принимает его</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Delete</translation>
    </message>
    <message>
        <source>remove the last mark</source>
        <translation>удалить последнюю отметку</translation>
    </message>
    <message>
        <source>Any key closes this list.</source>
        <translation>Любая клавиша закрывает этот список.</translation>
    </message>
</context>
<context>
    <name>Marks</name>
    <message>
        <source>Drag an ellipse around the region.   M: draw freely   Esc: stop</source>
        <translation>Обведите область эллипсом.   M: рисовать свободно   Esc: прекратить</translation>
    </message>
    <message>
        <source>Draw around the region.   M: ellipse   Esc: stop</source>
        <translation>Обведите область.   M: эллипс   Esc: прекратить</translation>
    </message>
    <message>
        <source>anatomy</source>
        <translation>анатомия</translation>
    </message>
    <message>
        <source>texture</source>
        <translation>текстура</translation>
    </message>
    <message>
        <source>vessel</source>
        <translation>сосуд</translation>
    </message>
    <message>
        <source>border</source>
        <translation>граница</translation>
    </message>
    <message>
        <source>noise</source>
        <translation>шум</translation>
    </message>
    <message>
        <source>artefact</source>
        <translation>артефакт</translation>
    </message>
    <message>
        <source>other</source>
        <translation>другое</translation>
    </message>
    <message>
        <source>What is wrong there?</source>
        <translation>Что там не так?</translation>
    </message>
    <message>
        <source>Esc: discard</source>
        <translation>Esc: отбросить</translation>
    </message>
    <message>
        <source>Reason: {reason}, key {key}</source>
        <translation>Причина: {reason}, клавиша {key}</translation>
    </message>
    <message>
        <source>Delete mark {number}: {reason}</source>
        <translation>Удалить отметку {number}: {reason}</translation>
    </message>
    <message>
        <source>Delete this mark (Delete removes the last one)</source>
        <translation>Удалить эту отметку (Delete удаляет последнюю)</translation>
    </message>
</context>
<context>
    <name>Session</name>
    <message>
        <source>Comment on this image; Enter to go on</source>
        <translation>Комментарий к изображению; Enter – дальше</translation>
    </message>
    <message>
        <source>Comment on this image</source>
        <translation>Комментарий к изображению</translation>
    </message>
    <message>
        <source>Next (Space)</source>
        <translation>Дальше (пробел)</translation>
    </message>
    <message>
        <source>Next image</source>
        <translation>Следующее изображение</translation>
    </message>
    <message>
        <source>Progress of the session</source>
        <translation>Ход сеанса</translation>
    </message>
    <message>
        <source>Your answer is kept: press Enter to try again.</source>
        <translation>Ваш ответ сохранён в программе: нажмите Enter, чтобы попробовать ещё раз.</translation>
    </message>
    <message>
        <source>Press Space to try again.</source>
        <translation>Нажмите пробел, чтобы попробовать ещё раз.</translation>
    </message>
    <message>
        <source>Practice {number} of {total}</source>
        <translation>Тренировка {number} из {total}</translation>
    </message>
    <message>
        <source>{number} of {total}</source>
        <translation>{number} из {total}</translation>
    </message>
    <message>
        <source>You have judged {done} of {total}; you go on where you stopped.</source>
        <translation>Вы оценили {done} из {total}; вы продолжите там, где остановились.</translation>
    </message>
    <message numerus="yes">
        <source>The first %n are practice: after each you are told the truth.</source>
        <translation>
            <numerusform>Первое изображение (всего %n) – тренировка: после него вы узнаете ответ.</numerusform>
            <numerusform>Первые %n – тренировка: после каждого вы узнаете ответ.</numerusform>
            <numerusform>Первые %n – тренировка: после каждого вы узнаете ответ.</numerusform>
        </translation>
    </message>
    <message>
        <source>Each is shown for {time} only. Look, then answer.</source>
        <translation>Каждое показывается недолго ({time}). Посмотрите, затем ответьте.</translation>
    </message>
    <message>
        <source>Every answer is saved at once. Press ? at any time for the keys.</source>
        <translation>Каждый ответ сохраняется сразу. Нажмите ? в любой момент, чтобы увидеть клавиши.</translation>
    </message>
    <message>
        <source>They would teach a generator what gave its images away, also while this study is still blinded.</source>
        <translation>По ним генератор узнал бы, что выдало его изображения, даже пока это исследование ещё слепое.</translation>
    </message>
    <message>
        <source>They would teach a generator what gave its images away, once this study is unblinded.</source>
        <translation>По ним генератор узнал бы, что выдало его изображения, когда это исследование будет раскрыто.</translation>
    </message>
    <message>
        <source>Without your consent they are used for the results only. You can change this at every break, at the end and later on the Rate page.</source>
        <translation>Без вашего согласия они служат только для результатов. Это можно изменить в каждом перерыве, в конце и позже на странице «Rate».</translation>
    </message>
    <message>
        <source>&amp;Yes, my ratings may also train image generators</source>
        <translation>&amp;Да, мои оценки можно использовать и для обучения генераторов</translation>
    </message>
    <message>
        <source>From here on you are not told what an image is.</source>
        <translation>Дальше вам не будут сообщать, что это за изображение.</translation>
    </message>
    <message>
        <source>Practice is over</source>
        <translation>Тренировка окончена</translation>
    </message>
    <message>
        <source>Everything is saved.</source>
        <translation>Всё сохранено.</translation>
    </message>
    <message>
        <source>Rest your eyes for {time}, or go on at once.</source>
        <translation>Дайте глазам отдохнуть ({time}) или продолжайте сразу.</translation>
    </message>
    <message>
        <source>Time for a break</source>
        <translation>Время для перерыва</translation>
    </message>
    <message numerus="yes">
        <source>All %n answers are saved. The coordinator can now export them.</source>
        <translation>
            <numerusform>Сохранён %n ответ. Координатор может их экспортировать.</numerusform>
            <numerusform>Сохранены все %n ответа. Координатор может их экспортировать.</numerusform>
            <numerusform>Сохранены все %n ответов. Координатор может их экспортировать.</numerusform>
        </translation>
    </message>
    <message>
        <source>Done. Thank you.</source>
        <translation>Готово. Спасибо.</translation>
    </message>
    <message>
        <source>Close (Space)</source>
        <translation>Закрыть (пробел)</translation>
    </message>
    <message>
        <source>You were right.</source>
        <translation>Вы были правы.</translation>
    </message>
    <message>
        <source>You said: {answer}.</source>
        <translation>Вы ответили: {answer}.</translation>
    </message>
    <message>
        <source>Real</source>
        <translation>Настоящее</translation>
    </message>
    <message>
        <source>Generated</source>
        <translation>Создано</translation>
    </message>
    <message>
        <source>Left is generated</source>
        <translation>Слева создано</translation>
    </message>
    <message>
        <source>Right is generated</source>
        <translation>Справа создано</translation>
    </message>
    <message>
        <source>Which of the two images is generated?</source>
        <translation>Какое из двух изображений создано?</translation>
    </message>
    <message>
        <source>Is this image real or generated?</source>
        <translation>Это изображение настоящее или создано генератором?</translation>
    </message>
    <message>
        <source>Start (Space)</source>
        <translation>Начать (пробел)</translation>
    </message>
    <message>
        <source>Go on (Space)</source>
        <translation>Продолжить (пробел)</translation>
    </message>
    <message numerus="yes">
        <source>%n pairs of images to judge.</source>
        <translation>
            <numerusform>Нужно оценить %n пару изображений.</numerusform>
            <numerusform>Нужно оценить %n пары изображений.</numerusform>
            <numerusform>Нужно оценить %n пар изображений.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n images to judge.</source>
        <translation>
            <numerusform>Нужно оценить %n изображение.</numerusform>
            <numerusform>Нужно оценить %n изображения.</numerusform>
            <numerusform>Нужно оценить %n изображений.</numerusform>
        </translation>
    </message>
    <message>
        <source>{left} of {total} are left.</source>
        <translation>Осталось {left} из {total}.</translation>
    </message>
    <message>
        <source>{left} of {total} are left, about {time} at your pace.</source>
        <translation>Осталось {left} из {total}; в вашем темпе на это уйдёт: {time}.</translation>
    </message>
    <message>
        <source>{number} ms</source>
        <translation>{number} мс</translation>
    </message>
    <message numerus="yes">
        <source>%n seconds</source>
        <translation>
            <numerusform>%n секунда</numerusform>
            <numerusform>%n секунды</numerusform>
            <numerusform>%n секунд</numerusform>
        </translation>
    </message>
    <message>
        <source>{number} seconds</source>
        <translation>{number} с</translation>
    </message>
    <message numerus="yes">
        <source>%n minutes</source>
        <translation>
            <numerusform>%n минута</numerusform>
            <numerusform>%n минуты</numerusform>
            <numerusform>%n минут</numerusform>
        </translation>
    </message>
    <message>
        <source>Left image</source>
        <extracomment>frames are shown as slowly as this where there are only a few of them</extracomment>
        <translation>Левое изображение</translation>
    </message>
    <message>
        <source>Right image</source>
        <translation>Правое изображение</translation>
    </message>
    <message>
        <source>Image to judge</source>
        <translation>Изображение для оценки</translation>
    </message>
</context>
</TS>
